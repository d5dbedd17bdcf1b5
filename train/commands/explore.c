/*
 * digit explore: what is in the data set, before anything is learned from it.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "model/print.h"
#include "train/commands.h"
#include "train/dataset/dataset.h"
#include "train/lab/census.h"
#include "train/learning/order.h"
#include "train/plot/charts.h"
#include "train/plot/gallery.h"
#include "train/plot/terminal.h"
#include "train/png.h"
#include "train/store_options.h"

enum { BAR_WIDTH = 24, SAMPLE_ROWS = 8, SAMPLES = SAMPLE_ROWS * DIGIT_CLASSES, ZOOM = 10 };

struct explore_options {
    struct store_flags store;
    const char *data;
    const char *out;
    uint64_t seed;
    bool quiet;
};

/* All that a run holds. */
struct exploration {
    struct mnist train, test;
    struct census train_census, test_census;
    struct census_duplicates duplicates;
    size_t picture; /* the one training image that is shown */
    uint32_t samples[SAMPLES];
};

static void print_shape(const char *file, const struct mnist *set)
{
    (void)printf("%-24s  %5zu x %d x %d  uint8 (0..255), white on black\n", file, set->count,
                 DIGIT_SIDE, DIGIT_SIDE);
}

static void print_classes(const struct exploration *x)
{
    const bool colours = terminal_colours(stdout);
    size_t most = 1;
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        most = x->train_census.classes[i] > most ? x->train_census.classes[i] : most;
    (void)printf("\ndigit  train%*s  test\n", BAR_WIDTH + 3, "");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        const size_t train = x->train_census.classes[i], test = x->test_census.classes[i];
        (void)printf("%5zu  %6zu ", i, train);
        terminal_bar(stdout, (double)train / (double)most, BAR_WIDTH, true, colours);
        (void)printf("  %6zu ", test);
        terminal_bar(stdout, (double)test / (double)most, BAR_WIDTH, false, colours);
        (void)putchar('\n');
    }
}

static void print_pixels(const char *name, const struct census *c)
{
    (void)printf("%-6s  %3u  %3u  %8.4f  %9.4f  %6.2f%%    %.4f  %.4f\n", name, c->min, c->max,
                 c->mean, c->deviation, c->blank * 100, c->mean / UINT8_MAX,
                 c->deviation / UINT8_MAX);
}

static void print_picture(const struct exploration *x)
{
    const bool colours = terminal_colours(stdout);
    (void)printf("\ntraining image %zu, a %u\n", x->picture, x->train.labels[x->picture]);
    for (size_t row = 0; row < TERMINAL_ROWS; row++) {
        terminal_picture_row(stdout, x->train.pixels + x->picture * DIGIT_PIXELS, row, colours);
        (void)putchar('\n');
    }
}

static void print_all(const struct exploration *x)
{
    const struct census_duplicates *d = &x->duplicates;
    print_shape(MNIST_TRAIN_IMAGES, &x->train);
    (void)printf("%-24s  %5zu           uint8 (0..9)\n", MNIST_TRAIN_LABELS, x->train.count);
    print_shape(MNIST_TEST_IMAGES, &x->test);
    (void)printf("%-24s  %5zu           uint8 (0..9)\n", MNIST_TEST_LABELS, x->test.count);
    print_classes(x);
    (void)printf("\npixels  min  max      mean  deviation    blank  as 0..1: mean, deviation\n");
    print_pixels("train", &x->train_census);
    print_pixels("test", &x->test_census);
    (void)printf("\nduplicates, pixel by pixel: %zu within train, %zu within test, %zu of test are "
                 "in train, %zu have another label\n",
                 d->first, d->second, d->across, d->other_label);
    print_picture(x);
}

/* Each column of the grid is a digit; a digit without pictures has its place filled by others. */
static void choose(struct exploration *x, uint64_t seed)
{
    struct order_random random;
    order_seed(&random, seed);
    x->picture = order_next(&random) % x->train.count;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t index = order_next(&random) % x->train.count;
        if (x->train_census.classes[i % DIGIT_CLASSES] > 0)
            while (x->train.labels[index] != i % DIGIT_CLASSES)
                index = (index + 1) % x->train.count;
        x->samples[i] = (uint32_t)index;
    }
}

static bool write_picture(const char *folder, const uint8_t *pixels, struct error *err)
{
    enum { SIDE = DIGIT_SIDE * ZOOM, PATH_SIZE = 4096 };
    static uint8_t large[SIDE * SIDE];
    char path[PATH_SIZE];
    if (!print_fits(path, sizeof path, "%s/picture.png", folder))
        return error_set(err, ERROR_BAD_ARGUMENT, "the name of the folder is too long");
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++)
            large[y * SIDE + x] = pixels[y / ZOOM * DIGIT_SIDE + x / ZOOM];
    return png_write(path, large, SIDE, SIDE, err);
}

static bool write_all(const struct exploration *x, const char *folder, struct error *err)
{
    return write_picture(folder, x->train.pixels + x->picture * DIGIT_PIXELS, err) &&
           charts_samples(folder, &x->train, x->samples, SAMPLES, err) &&
           charts_means(folder, &x->train_census, err);
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    (void)operands;
    (void)operand_count;
    static struct exploration x;
    const struct explore_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    const bool writes = o->out[0] != '\0';
    if (writes && !gallery_folder(o->out, err))
        return 1;
    bool ok = dataset_load(&x.train, &x.test, o->data, &store, o->quiet ? NULL : stderr, err) &&
              census_find_duplicates(&x.duplicates, &x.train, &x.test, err);
    if (ok) {
        census_take(&x.train_census, &x.train);
        census_take(&x.test_census, &x.test);
        choose(&x, o->seed);
        print_all(&x);
        ok = !writes || write_all(&x, o->out, err);
    }
    mnist_free(&x.train);
    mnist_free(&x.test);
    return ok ? 0 : 1;
}

#define AT(member) offsetof(struct explore_options, member)

static const struct option_row rows[] = {
    DATASET_ROW(AT(data)),
    {"out", "FOLDER", "", "write pictures and data there (needs gnuplot)", OPTION_TEXT, AT(out), 0,
     0},
    {"seed", "N", "1", "which pictures are shown", OPTION_SEED, AT(seed), 0, 0},
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, AT(quiet), 0, 0},
    STORE_OPTION_ROWS(struct explore_options, store),
};

const struct command command_explore = {
    .name = "explore",
    .summary = "Show what is in the data: counts, pixels, samples, means, duplicates",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct explore_options),
    .run = run,
};

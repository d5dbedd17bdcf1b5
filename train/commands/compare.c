/*
 * digit compare: two models on the same test images, and whether one of them is better.
 */
#include <stddef.h>
#include <stdio.h>

#include "train/commands.h"
#include "train/dataset/dataset.h"
#include "train/lab/comparison.h"
#include "train/plot/charts.h"
#include "train/plot/gallery.h"
#include "train/store_options.h"

enum { DIFFERENCES = 60 };

struct compare_options {
    struct store_flags store;
    const char *data;
    struct subject_options subject; /* the model comes from the operands */
    const char *out;
    size_t limit;
    bool json;
    bool quiet;
};

static void print_comparison(FILE *out, const void *context)
{
    comparison_json(out, context);
}

static bool write_all(const struct comparison *c, const char *folder, const struct mnist *set,
                      struct error *err)
{
    const char *const names[] = {c->subjects[0].model.name, c->subjects[1].model.name};
    uint32_t indices[DIFFERENCES];
    size_t count = comparison_differences(indices, DIFFERENCES, c);
    return gallery_file(folder, "comparison.json", print_comparison, c, err) &&
           (count == 0 || charts_differences(folder, names, c->answers, set, indices, count, err));
}

static bool compare(const struct compare_options *o, struct subject subjects[2],
                    const struct mnist *set, struct error *err)
{
    const size_t count = o->limit > 0 && o->limit < set->count ? o->limit : set->count;
    struct answers answers[2] = {{0}, {0}};
    bool ok = true;
    for (size_t i = 0; ok && i < 2; i++) {
        const struct evaluation_source source = subject_source(&subjects[i]);
        ok = answers_ask(&answers[i], &source, set, count, o->quiet ? NULL : stderr, err);
    }
    if (ok) {
        struct comparison c;
        comparison_make(&c, subjects, answers);
        (o->json ? comparison_json : comparison_text)(stdout, &c);
        ok = o->out[0] == '\0' || write_all(&c, o->out, set, err);
    }
    answers_free(&answers[0]);
    answers_free(&answers[1]);
    return ok;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    const struct compare_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    struct subject subjects[2] = {0};
    struct mnist set = {0};
    bool ok = operand_count == 2 || error_set(err, ERROR_BAD_ARGUMENT,
                                              "two models can be compared, not %zu", operand_count);
    ok = ok && (o->out[0] == '\0' || gallery_folder(o->out, err));
    for (size_t i = 0; ok && i < 2; i++) {
        struct subject_options from = o->subject;
        from.model = operands[i];
        ok = subject_open(&subjects[i], &from, err);
    }
    ok = ok && dataset_load(NULL, &set, o->data, &store, o->quiet ? NULL : stderr, err) &&
         compare(o, subjects, &set, err);
    mnist_free(&set);
    subject_close(&subjects[0]);
    subject_close(&subjects[1]);
    return ok ? 0 : 1;
}

#define AT(member) offsetof(struct compare_options, member)

static const struct option_row rows[] = {
    DATASET_ROW(AT(data)),
    SUBJECT_ENGINE_ROWS(AT(subject)),
    {"out", "FOLDER", "", "write pictures and data there (needs gnuplot)", OPTION_TEXT, AT(out), 0,
     0},
    {"limit", "N", "0", "only the first N images; 0 for all", OPTION_COUNT, AT(limit), 0, SIZE_MAX},
    {"json", NULL, NULL, "print JSON", OPTION_FLAG, AT(json), 0, 0},
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, AT(quiet), 0, 0},
    STORE_OPTION_ROWS(struct compare_options, store),
};

const struct command command_compare = {
    .name = "compare",
    .summary = "Compare two models on MNIST's test images (McNemar's test)",
    .operands = "FILE FILE",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct compare_options),
    .run = run,
};

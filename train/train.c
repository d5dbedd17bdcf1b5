/*
 * digit train: the loop around a trainer. Order, batches, epochs, progress, stopping and the files
 * at the end are here; what libtorch does is behind train/trainer.h. One thread.
 *
 * Equal options on an equal machine and libtorch give equal bytes: our own shuffle, libtorch's
 * deterministic algorithms, nothing from the clock.
 */
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/network_file.h"
#include "model/plugin.h"
#include "train/commands.h"
#include "train/dataset.h"
#include "train/evaluation.h"
#include "train/order.h"
#include "train/progress.h"
#include "train/save.h"
#include "train/store_options.h"
#include "train/trainer.h"
#include "train/transfer.h"

enum { EPOCHS_MAX = 100000, BATCH_MAX = 65536, THREADS_MAX = 1024 };

struct train_options {
    const char *data;
    const char *out;
    const char *network;
    const char *device;
    size_t epochs;
    size_t batch;
    size_t threads;
    size_t limit;
    uint64_t seed;
    double learning_rate;
    bool quiet;
    struct option_list publish;
    struct store_flags store;
};

/* All that a run holds. */
struct run {
    const struct train_options *options;
    struct network network;
    struct mnist train;
    struct mnist test;
    size_t count; /* of training images that are used */
    const struct trainer_type *type;
    void *trainer;
    struct order_random random;
    uint32_t *order; /* owned: count */
    float *pixels;   /* owned: batch x 784 */
    uint8_t *labels; /* owned: batch */
    struct progress progress;
    size_t epoch; /* from 0 */
    double loss_sum;
    size_t seen;
    size_t correct;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* The handler works once: a second Ctrl-C ends the program at once. */
static void catch_interrupt(struct sigaction *before)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    interrupted = 0;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, before);
}

static bool open_trainer(struct run *r, struct error *err)
{
    const struct train_options *o = r->options;
    const struct trainer_options trainer_options = {o->seed, o->threads, o->device};
    struct error why = {0};
    const void *symbol;
    if (!plugin_symbol(&symbol, TRAINER_PLUGIN, TRAINER_SYMBOL, &why))
        return error_set(err, why.code, "training needs libtorch%s: %s",
                         why.code == ERROR_NOT_FOUND ? " (build with libtorch-dev installed)" : "",
                         why.text);
    r->type = symbol;
    return r->type->open(&r->trainer, &r->network, &trainer_options, err);
}

static bool open_run(struct run *r, struct error *err)
{
    const struct train_options *o = r->options;
    const struct store_options store = store_options_from(&o->store);
    if (!dataset_load(&r->train, &r->test, o->data, &store, o->quiet ? NULL : stderr, err) ||
        !open_trainer(r, err))
        return false;
    r->count = o->limit > 0 && o->limit < r->train.count ? o->limit : r->train.count;
    r->order = malloc(r->count * sizeof *r->order);
    r->pixels = malloc(o->batch * DIGIT_PIXELS * sizeof *r->pixels);
    r->labels = malloc(o->batch);
    if (r->order == NULL || r->pixels == NULL || r->labels == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for a batch of %zu",
                         o->batch);
    for (size_t i = 0; i < r->count; i++)
        r->order[i] = (uint32_t)i;
    order_seed(&r->random, o->seed);
    return true;
}

static void close_run(struct run *r)
{
    if (r->trainer != NULL)
        r->type->close(r->trainer);
    free(r->order);
    free(r->pixels);
    free(r->labels);
    mnist_free(&r->train);
    mnist_free(&r->test);
}

static bool train_batch(struct run *r, size_t from, size_t count, struct error *err)
{
    double loss;
    size_t correct;
    for (size_t i = 0; i < count; i++) {
        size_t index = r->order[from + i];
        mnist_floats(r->pixels + i * DIGIT_PIXELS, &r->train, index);
        r->labels[i] = r->train.labels[index];
    }
    if (!r->type->step(r->trainer, r->pixels, r->labels, count, r->options->learning_rate, &loss,
                       &correct, err))
        return false;
    if (!isfinite(loss))
        return error_set(err, ERROR_ENGINE,
                         "the loss is not finite any more in epoch %zu; lower --learning-rate",
                         r->epoch + 1);
    r->loss_sum += loss * (double)count;
    r->seen += count;
    r->correct += correct;
    return true;
}

static void show(struct run *r, void (*how)(struct progress *, size_t, const char *))
{
    char note[96];
    (void)snprintf(note, sizeof note, "epoch %zu/%zu  loss %.4f  accuracy %.2f%%", r->epoch + 1,
                   r->options->epochs, r->loss_sum / (double)r->seen,
                   100 * (double)r->correct / (double)r->seen);
    how(&r->progress, r->epoch * r->count + r->seen, note);
}

static bool train_epoch(struct run *r, struct error *err)
{
    r->loss_sum = 0;
    r->seen = r->correct = 0;
    order_shuffle(&r->random, r->order, r->count);
    while (r->seen < r->count && !interrupted) {
        size_t left = r->count - r->seen;
        size_t count = left < r->options->batch ? left : r->options->batch;
        if (!train_batch(r, r->seen, count, err))
            return false;
        show(r, progress_show);
    }
    if (r->seen > 0)
        show(r, progress_end);
    return true;
}

static bool train_epochs(struct run *r, struct error *err)
{
    struct sigaction before;
    bool ok = true;
    progress_begin(&r->progress, r->options->quiet ? NULL : stderr, r->options->epochs * r->count);
    catch_interrupt(&before);
    for (r->epoch = 0; ok && r->epoch < r->options->epochs && !interrupted; r->epoch++)
        ok = train_epoch(r, err);
    (void)sigaction(SIGINT, &before, NULL);
    return ok;
}

static void fill_data(struct card_data *out, const char *file, const char *sha256)
{
    (void)snprintf(out->file, sizeof out->file, "%s", file);
    (void)snprintf(out->sha256, sizeof out->sha256, "%s", sha256);
}

static void fill_card(struct card *card, const struct run *r)
{
    const struct train_options *o = r->options;
    *card = (struct card){
        .network = r->network,
        .trained = true,
        .training =
            {
                .optimizer = "adam",
                .loss = "cross_entropy",
                .learning_rate = o->learning_rate,
                .images = r->count,
                .batch = o->batch,
                .epochs = o->epochs,
                .threads = r->type->threads(r->trainer),
                .seed = o->seed,
            },
    };
    (void)snprintf(card->training.library, sizeof card->training.library, "%s",
                   r->type->describe(r->trainer));
    fill_data(&card->data[0], MNIST_TRAIN_IMAGES, r->train.images_sha256);
    fill_data(&card->data[1], MNIST_TRAIN_LABELS, r->train.labels_sha256);
    fill_data(&card->data[2], MNIST_TEST_IMAGES, r->test.images_sha256);
    fill_data(&card->data[3], MNIST_TEST_LABELS, r->test.labels_sha256);
}

static bool save(struct run *r, struct card *card, const char *path, struct error *err)
{
    struct checkpoint *weights;
    if (!r->type->weights(r->trainer, &weights, err))
        return false;
    bool ok = save_model(card, weights, path, err);
    checkpoint_close(weights);
    return ok;
}

/* Whole epochs only are told in the card: `r->epoch` counts the one that was cut short. */
static bool finish_interrupted(struct run *r, const char *path, struct error *err)
{
    char other[SAVE_PATH_SIZE];
    struct card card;
    size_t whole = r->seen < r->count ? r->epoch - 1 : r->epoch;
    fill_card(&card, r);
    card.training.epochs = whole;
    if (!save_interrupted_path(other, path, err) || !save(r, &card, other, err))
        return false;
    (void)fprintf(stderr, "digit: interrupted after %zu of %zu epochs and %zu images; saved %s\n",
                  whole, r->options->epochs, r->seen < r->count ? r->seen : 0, other);
    return true;
}

static bool finish(struct run *r, const char *path, struct error *err)
{
    struct card card;
    struct evaluation e;
    const struct evaluation_source source = {r->type->predict, r->trainer};
    if (!evaluation_run(&e, &source, &r->test, r->test.count, r->options->quiet ? NULL : stderr,
                        err))
        return false;
    fill_card(&card, r);
    card.test_images = e.count;
    card.test_accuracy = evaluation_accuracy(&e);
    card.test_loss = evaluation_loss(&e);
    if (!save(r, &card, path, err))
        return false;
    (void)printf("%s: accuracy %.2f%%, loss %.6f on %zu test images\n", path,
                 card.test_accuracy * 100, card.test_loss, e.count);
    return true;
}

static void say_not_published(const struct train_options *o, const char *path, const char *url,
                              const char *why)
{
    (void)fprintf(stderr, "digit: saved here, but not published to %s: %s; later: digit publish ",
                  url, why);
    store_options_quote(path, stderr);
    (void)fputc(' ', stderr);
    store_options_quote(url, stderr);
    store_options_print(&o->store, stderr);
    (void)fputc('\n', stderr);
}

/* What is certain to be refused in the end is refused at the start. */
static bool check_urls(const struct option_list *urls, struct error *err)
{
    for (size_t i = 0; i < urls->count; i++)
        if (!transfer_takes_model(urls->items[i]))
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "--publish is '%s'; it must end in NAME.pth or in a slash",
                             urls->items[i]);
    return true;
}

/* The model is on this machine's disk by now, whatever the stores say. */
static int publish(const struct train_options *o, const char *path)
{
    const struct store_options store = store_options_from(&o->store);
    int status = 0;
    transfer_catch_interrupt();
    for (size_t i = 0; i < o->publish.count; i++) {
        const char *url = o->publish.items[i];
        struct error why = {0};
        if (transfer_publish(path, url, &store, o->quiet ? NULL : stderr, &why)) {
            (void)printf("%s: published\n", url);
            continue;
        }
        say_not_published(o, path, url, why.text);
        status = transfer_was_interrupted() ? STATUS_INTERRUPTED : STATUS_STORE_DOWN;
    }
    return status;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    (void)operands;
    (void)operand_count;
    struct run r = {.options = arguments};
    char path[SAVE_PATH_SIZE];
    if (!network_file_choose(&r.network, r.options->network, err) ||
        !save_path(path, r.options->out, r.network.name, err) ||
        !check_urls(&r.options->publish, err))
        return 1;
    int status = 1;
    if (open_run(&r, err) && train_epochs(&r, err)) {
        if (interrupted)
            status = finish_interrupted(&r, path, err) ? STATUS_INTERRUPTED : 1;
        else
            status = finish(&r, path, err) ? publish(r.options, path) : 1;
    }
    close_run(&r);
    return status;
}

#define AT(member) offsetof(struct train_options, member)

static const struct option_row rows[] = {
    {"data", "WHERE", "data", "a folder or URL of MNIST's files or prepared records", OPTION_TEXT,
     AT(data), 0, 0},
    {"out", "PATH", "", "a folder, or FILE.pth (default: NETWORK_mnist.pth)", OPTION_TEXT, AT(out),
     0, 0},
    {"network", "NAME", "cnn", "cnn, lenet, mlp, or FILE.json", OPTION_TEXT, AT(network), 0, 0},
    {"epochs", "N", "5", "passes over the data", OPTION_COUNT, AT(epochs), 1, EPOCHS_MAX},
    {"batch", "N", "64", "images a step", OPTION_COUNT, AT(batch), 1, BATCH_MAX},
    {"learning-rate", "X", "0.001", "Adam's step size", OPTION_NUMBER, AT(learning_rate), 0, 0},
    {"seed", "N", "1", "of the weights, the order and dropout", OPTION_SEED, AT(seed), 0, 0},
    {"threads", "N", "0", "for libtorch; 0 for its own choice", OPTION_COUNT, AT(threads), 0,
     THREADS_MAX},
    {"device", "NAME", "cpu", "cpu or cuda", OPTION_TEXT, AT(device), 0, 0},
    {"limit", "N", "0", "train on the first N images only; 0 for all", OPTION_COUNT, AT(limit), 0,
     SIZE_MAX},
    {"publish", "URL", "", "bring the model there, too; may be said again", OPTION_LIST,
     AT(publish), 0, 0},
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, AT(quiet), 0, 0},
    STORE_OPTION_ROWS(struct train_options, store),
};

const struct command command_train = {
    .name = "train",
    .summary = "Train a network on MNIST and write NAME.pth and NAME.json",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct train_options),
    .run = run,
};

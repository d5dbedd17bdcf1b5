/*
 * One thread. Knows nothing of how the weights were found.
 */
#include "train/learning/finish.h"

#include <stdio.h>
#include <stdlib.h>

#include "train/commands.h"
#include "train/evaluation.h"
#include "train/learning/calibrate.h"
#include "train/learning/save.h"
#include "train/transfer.h"

/* ---- the card ------------------------------------------------------------------------------- */

static const char *const optimizer_names[] = {
    [TRAINER_ADAM] = "adam",
    [TRAINER_ADAMW] = "adamw",
    [TRAINER_SGD] = "sgd",
};

static void fill_data(struct card_data *out, const char *file, const char *sha256)
{
    (void)snprintf(out->file, sizeof out->file, "%s", file);
    (void)snprintf(out->sha256, sizeof out->sha256, "%s", sha256);
}

static void fill_training(struct card_training *t, const struct finished *f)
{
    const struct run_settings *s = f->settings;
    void *state;
    const struct trainer_type *type = run_trainer(f->run, &state);
    *t = (struct card_training){
        .loss = "cross_entropy",
        .learning_rate = s->schedule.rate,
        .images = f->end.images,
        .batch = s->batch,
        .epochs = f->end.epochs,
        .kept_epoch = f->end.kept != f->end.epochs ? f->end.kept : 0,
        .threads = type->threads(state),
        .seed = s->seed,
    };
    (void)snprintf(t->recipe, sizeof t->recipe, "%s", s->recipe);
    (void)snprintf(t->options, sizeof t->options, "%s", f->text);
    (void)snprintf(t->optimizer, sizeof t->optimizer, "%s", optimizer_names[s->optimizer]);
    (void)snprintf(t->library, sizeof t->library, "%s", type->describe(state));
}

static void fill_card(struct card *card, const struct finished *f)
{
    *card = (struct card){
        .network = *f->network,
        .confidence = confidence_default,
        .trained = true,
        .validation_images = f->end.validated,
        .validation_accuracy = f->end.validation_accuracy,
        .validation_loss = f->end.validation_loss,
    };
    fill_training(&card->training, f);
    fill_data(&card->data[0], MNIST_TRAIN_IMAGES, f->train->images_sha256);
    fill_data(&card->data[1], MNIST_TRAIN_LABELS, f->train->labels_sha256);
    fill_data(&card->data[2], MNIST_TEST_IMAGES, f->test->images_sha256);
    fill_data(&card->data[3], MNIST_TEST_LABELS, f->test->labels_sha256);
}

/* ---- files ---------------------------------------------------------------------------------- */

static bool save(const struct finished *f, struct card *card, const char *path, struct error *err)
{
    void *state;
    struct checkpoint *weights;
    const struct trainer_type *type = run_trainer(f->run, &state);
    if (!type->weights(state, &weights, err))
        return false;
    bool ok = save_model(card, weights, path, err);
    checkpoint_close(weights);
    return ok;
}

/* Whole epochs only are told in the card. */
static bool finish_interrupted(const struct finished *f, struct error *err)
{
    char other[SAVE_PATH_SIZE];
    struct card card;
    fill_card(&card, f);
    if (!save_beside(other, f->path, "interrupted", err) || !save(f, &card, other, err))
        return false;
    (void)fprintf(stderr,
                  "digit: interrupted after %zu of %zu epochs and %zu images; saved %s; the same "
                  "command with --resume auto goes on\n",
                  f->end.epochs, f->settings->epochs, f->end.seen, other);
    return true;
}

/* On the pictures that were held back. */
static bool find_confidence(struct confidence *out, const struct finished *f,
                            const struct evaluation_source *source, struct error *err)
{
    struct mnist held_back = *f->train;
    const size_t count = f->end.validated;
    struct evaluation e;
    held_back.count = count;
    held_back.pixels += f->end.images * DIGIT_PIXELS;
    held_back.labels += f->end.images;
    float *probabilities = malloc((count + 1) * (DIGIT_CLASSES + 1) * sizeof *probabilities);
    if (probabilities == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to calibrate with");
    bool ok = evaluation_keep(&e, probabilities, source, &held_back, count, NULL, err);
    if (ok)
        *out = calibrate(probabilities, held_back.labels, count,
                         probabilities + count * DIGIT_CLASSES);
    free(probabilities);
    return ok;
}

static bool finish_whole(const struct finished *f, struct error *err)
{
    void *state;
    const struct trainer_type *type = run_trainer(f->run, &state);
    const struct evaluation_source source = {type->predict, state};
    struct card card;
    struct evaluation e;
    if (!evaluation_run(&e, &source, f->test, f->test->count, f->options->quiet ? NULL : stderr,
                        err))
        return false;
    fill_card(&card, f);
    if (!find_confidence(&card.confidence, f, &source, err))
        return false;
    card.test_images = e.count;
    card.test_accuracy = evaluation_accuracy(&e);
    card.test_loss = evaluation_loss(&e);
    if (!save(f, &card, f->path, err))
        return false;
    (void)printf("%s: accuracy %.2f%%, loss %.6f on %zu test images\n", f->path,
                 card.test_accuracy * 100, card.test_loss, e.count);
    if (f->end.validated > 0)
        (void)printf("%s: accuracy %.2f%%, loss %.6f on %zu validation images, after epoch %zu\n",
                     f->path, card.validation_accuracy * 100, card.validation_loss,
                     f->end.validated, f->end.kept);
    return true;
}

/* ---- stores --------------------------------------------------------------------------------- */

static void say_not_published(const struct finish_options *o, const char *path, const char *url,
                              const char *why)
{
    (void)fprintf(stderr, "digit: saved here, but not published to %s: %s; later: digit publish ",
                  url, why);
    store_options_quote(path, stderr);
    (void)fputc(' ', stderr);
    store_options_quote(url, stderr);
    store_options_print(o->store, stderr);
    (void)fputc('\n', stderr);
}

/* The model is on this machine's disk by now, whatever the stores say. */
static int publish(const struct finish_options *o, const char *path)
{
    const struct store_options store = store_options_from(o->store);
    int status = 0;
    transfer_catch_interrupt();
    for (size_t i = 0; i < o->publish->count; i++) {
        const char *url = o->publish->items[i];
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

int finish(const struct finished *f, struct error *err)
{
    if (f->end.interrupted)
        return finish_interrupted(f, err) ? STATUS_INTERRUPTED : STATUS_FAILED;
    return finish_whole(f, err) ? publish(f->options, f->path) : STATUS_FAILED;
}

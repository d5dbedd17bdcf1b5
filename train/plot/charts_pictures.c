/*
 * Figures of pictures in rows, each with a line of text. One thread.
 */
#include <stdio.h>
#include <stdlib.h>

#include "train/lab/verdict.h"
#include "train/learning/order.h"
#include "train/plot/charts.h"
#include "train/plot/figure.h"
#include "train/plot/scripts.h"

enum {
    TITLE_SIZE = 160,
    COLUMNS = 10,
    /* Pixels that a picture takes with its text, by how much that says. */
    WIDE_DIGIT = 66,
    WIDE_PAIR = 72,
    WIDE_SURE = 92,
    WIDE_TWO = 84,
    GAP_TEXT = 30, /* below a picture */
    GAP_PLAIN = 10,
    PREDICTIONS = 60,
    PREDICTIONS_SEED = 1,
};

static const uint8_t *pixels_of(const struct mnist *set, size_t index)
{
    return set->pixels + index * DIGIT_PIXELS;
}

static bool draw(struct figure *f, size_t count, size_t wide, size_t gap, struct error *err)
{
    figure_set(f, "count", (double)count);
    figure_set(f, "columns", COLUMNS);
    figure_set(f, "wide", (double)wide);
    figure_set(f, "gap", (double)gap);
    bool ok = figure_draw(f, script_tiles, err);
    figure_close(f);
    return ok;
}

bool charts_mistakes(const char *folder, const char *model, const struct answers *a,
                     const struct mnist *set, struct error *err)
{
    char title[TITLE_SIZE];
    uint32_t worst[VERDICT_MISTAKES];
    struct figure f;
    size_t count = answers_worst(worst, VERDICT_MISTAKES, a);
    (void)snprintf(title, sizeof title, "The worst mistakes of %s", model);
    if (!figure_open(&f, folder, "mistakes", title, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t answer = answers_prediction(a, worst[i]);
        (void)fprintf(figure_data(&f), "%u → %zu  %.0f%%\t0\n", a->labels[worst[i]], answer,
                      answers_probability(a, worst[i], answer) * 100);
        figure_picture(&f, pixels_of(set, worst[i]));
    }
    figure_subtitle(&f, "digit → answer, and how sure the model was of it; %zu of %zu mistakes",
                    count, a->count - a->evaluation.correct);
    return draw(&f, count, WIDE_SURE, GAP_TEXT, err);
}

bool charts_predictions(const char *folder, const char *model, const struct answers *a,
                        const struct mnist *set, struct error *err)
{
    char title[TITLE_SIZE];
    struct figure f;
    struct order_random random;
    size_t wrong = 0;
    (void)snprintf(title, sizeof title, "Predictions of %s", model);
    if (!figure_open(&f, folder, "predictions", title, err))
        return false;
    order_seed(&random, PREDICTIONS_SEED);
    for (size_t i = 0; i < PREDICTIONS; i++) {
        size_t index = order_next(&random) % a->count;
        size_t answer = answers_prediction(a, index);
        bool right = answers_right(a, index);
        wrong += !right;
        (void)fprintf(figure_data(&f), "%zu  %.0f%%\t%d\n", answer,
                      answers_probability(a, index, answer) * 100, !right);
        figure_picture(&f, pixels_of(set, index));
    }
    figure_subtitle(&f, "answer, and how sure the model is; random test images, %zu wrong (orange)",
                    wrong);
    return draw(&f, PREDICTIONS, WIDE_PAIR, GAP_TEXT, err);
}

bool charts_differences(const char *folder, const char *const models[2],
                        const struct answers answers[2], const struct mnist *set,
                        const uint32_t *indices, size_t count, struct error *err)
{
    char title[TITLE_SIZE];
    struct figure f;
    (void)snprintf(title, sizeof title, "Where %s and %s differ", models[0], models[1]);
    if (!figure_open(&f, folder, "differences", title, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(figure_data(&f), "%u:  %zu | %zu\t0\n", set->labels[indices[i]],
                      answers_prediction(&answers[0], indices[i]),
                      answers_prediction(&answers[1], indices[i]));
        figure_picture(&f, pixels_of(set, indices[i]));
    }
    figure_subtitle(&f, "digit:  answer of %s | answer of %s", models[0], models[1]);
    return draw(&f, count, WIDE_TWO, GAP_TEXT, err);
}

bool charts_samples(const char *folder, const struct mnist *set, const uint32_t *indices,
                    size_t count, struct error *err)
{
    char number[FIGURE_NUMBER_SIZE];
    struct figure f;
    if (!figure_open(&f, folder, "samples", "Training images", err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (i + COLUMNS >= count)
            (void)fprintf(figure_data(&f), "%u", set->labels[indices[i]]);
        (void)fputs("\t0\n", figure_data(&f));
        figure_picture(&f, pixels_of(set, indices[i]));
    }
    figure_subtitle(&f, "%zu of %s, at random; a column for each digit", count,
                    figure_number(number, set->count));
    return draw(&f, count, WIDE_DIGIT, GAP_PLAIN, err);
}

bool charts_means(const char *folder, const struct census *c, struct error *err)
{
    char number[FIGURE_NUMBER_SIZE];
    struct figure f;
    if (!figure_open(&f, folder, "means", "The mean image of each digit", err))
        return false;
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        (void)fprintf(figure_data(&f), "%zu\t0\n", i);
        figure_picture(&f, c->means[i]);
    }
    figure_subtitle(&f, "each pixel's mean over the digit's training images, %s in all",
                    figure_number(number, c->count));
    return draw(&f, DIGIT_CLASSES, WIDE_DIGIT, GAP_TEXT, err);
}

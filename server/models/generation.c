/*
 * Makes generations. Runs in main before the server starts, then on the keeper's thread, beside
 * the threads that serve the generation before. No state.
 */
#include "server/models/generation.h"

#include <math.h>
#include <stdlib.h>

#include "model/digit.h"

/* A stroke through the middle, on each picture a little further to the right. */
static void draw(float *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < DIGIT_PIXELS; p++) {
            size_t x = p % DIGIT_SIDE, left = DIGIT_SIDE / 3 + i % (DIGIT_SIDE / 3);
            pixels[i * DIGIT_PIXELS + p] = x >= left && x < left + 3 ? 1 : 0;
        }
}

static bool try(struct engine *engine, const float *pixels, size_t count, float *probabilities,
                struct error *err)
{
    if (!engine_predict(engine, pixels, count, probabilities, err))
        return false;
    for (size_t i = 0; i < count * DIGIT_CLASSES; i++)
        if (!isfinite(probabilities[i]))
            return error_set(err, ERROR_BAD_MODEL,
                             "the model answers with what is no number; train it again");
    return true;
}

static bool warm_up(struct engine *engine, size_t batch_max, struct error *err)
{
    float *pixels = malloc(batch_max * DIGIT_PIXELS * sizeof *pixels);
    float *probabilities = malloc(batch_max * DIGIT_CLASSES * sizeof *probabilities);
    bool warm = false;
    if (pixels == NULL || probabilities == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to try the model out");
        goto out_free;
    }
    draw(pixels, batch_max);
    warm = try(engine, pixels, 1, probabilities, err) &&
           try(engine, pixels, batch_max, probabilities, err);
out_free:
    free(pixels);
    free(probabilities);
    return warm;
}

bool generation_open(struct generation **out, struct model *model,
                     const struct generation_options *options, struct error *err)
{
    struct generation *g = calloc(1, sizeof *g);
    if (g == NULL) {
        model_free(model);
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a model");
    }
    g->model = *model;
    *model = (struct model){0};
    if (!engine_open(&g->engine, options->engine, &g->model.network, g->model.weights,
                     &options->engine_options, err) ||
        !warm_up(g->engine, options->batch_max, err)) {
        generation_close(g);
        return false;
    }
    *out = g;
    return true;
}

void generation_close(struct generation *g)
{
    if (g == NULL)
        return;
    engine_close(g->engine);
    model_free(&g->model);
    free(g);
}

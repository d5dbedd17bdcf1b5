/*
 * The native engine: opening, predicting, and the arenas that predictions work in.
 */
#include "model/engine_native.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/native/kernels.h"

/* As many threads as may be predicting at once without an allocation. */
enum { ARENAS = 64 };

struct native {
    struct plan plan;
    const struct kernels *kernels;
    char description[32];
    _Atomic(float *) arenas[ARENAS]; /* those that nobody is using */
};

static float *arena_take(struct native *n)
{
    for (size_t i = 0; i < ARENAS; i++) {
        if (atomic_load_explicit(&n->arenas[i], memory_order_relaxed) == NULL)
            continue;
        float *arena = atomic_exchange(&n->arenas[i], NULL);
        if (arena != NULL)
            return arena;
    }
    return plan_floats(n->plan.arena_len);
}

static void arena_give(struct native *n, float *arena)
{
    for (size_t i = 0; i < ARENAS; i++) {
        float *none = NULL;
        if (atomic_compare_exchange_strong(&n->arenas[i], &none, arena))
            return;
    }
    free(arena);
}

static void run_step(const struct native *n, const struct step *s, const float *source,
                     float *target, float *arena, size_t rows)
{
    n->kernels->run[s->kind](s, source, target, arena + n->plan.scratch_at, rows);
}

/* The steps before plan.flat; the last of them writes row `row` of the matrix. */
static void run_image(const struct native *n, const float *pixels, float *arena, size_t row)
{
    const struct plan *p = &n->plan;
    const struct plane *in = &p->steps[0].in;
    float *picture = arena + p->steps[0].source + plane_origin(in);
    for (size_t y = 0; y < in->height; y++)
        memcpy(picture + y * plane_row(in), pixels + y * in->width, in->width * sizeof *pixels);
    for (size_t i = 0; i < p->flat; i++) {
        const struct step *s = &p->steps[i];
        size_t shift = i + 1 == p->flat ? row * p->flat_len : 0;
        run_step(n, s, arena + s->source, arena + s->target + shift, arena, 1);
    }
}

static void softmax(float *probabilities, const float *logits)
{
    float top = logits[0], sum = 0.0f;
    for (size_t i = 1; i < DIGIT_CLASSES; i++)
        top = fmaxf(top, logits[i]);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        sum += probabilities[i] = expf(logits[i] - top);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        probabilities[i] /= sum;
}

static void run_chunk(const struct native *n, const float *pixels, size_t count,
                      float *probabilities, float *arena)
{
    const struct plan *p = &n->plan;
    if (p->flat > 0)
        for (size_t row = 0; row < count; row++)
            run_image(n, pixels + row * DIGIT_PIXELS, arena, row);
    for (size_t i = p->flat; i < p->count; i++) {
        const struct step *s = &p->steps[i];
        run_step(n, s, i > 0 ? arena + s->source : pixels, arena + s->target, arena, count);
    }
    for (size_t row = 0; row < count; row++)
        softmax(probabilities + row * DIGIT_CLASSES, arena + p->result_at + row * p->result_len);
}

static bool native_predict(void *state, const float *pixels, size_t count, float *probabilities,
                           struct error *err)
{
    struct native *n = state;
    float *arena = arena_take(n);
    if (arena == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to predict in");
    for (size_t done = 0; done < count; done += PLAN_CHUNK) {
        size_t rows = count - done < PLAN_CHUNK ? count - done : PLAN_CHUNK;
        run_chunk(n, pixels + done * DIGIT_PIXELS, rows, probabilities + done * DIGIT_CLASSES,
                  arena);
    }
    arena_give(n, arena);
    return true;
}

static void native_close(void *state)
{
    struct native *n = state;
    if (n == NULL)
        return;
    for (size_t i = 0; i < ARENAS; i++)
        free(atomic_load(&n->arenas[i]));
    plan_free(&n->plan);
    free(n);
}

static bool native_open(void **state, const struct network *net, const struct checkpoint *weights,
                        const struct engine_options *options, struct error *err)
{
    const char *isa = options->isa != NULL ? options->isa : getenv("DIGIT_ISA");
    if (options->device != NULL && strcmp(options->device, "cpu") != 0)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "the native engine computes on the cpu; for '%s' use --engine torch",
                         options->device);
    struct native *n = calloc(1, sizeof *n);
    if (n == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the engine");
    if (!kernels_choose(&n->kernels, isa, err) || !plan_build(&n->plan, net, weights, err)) {
        native_close(n);
        return false;
    }
    (void)snprintf(n->description, sizeof n->description, "native, %s", n->kernels->isa);
    *state = n;
    return true;
}

static const char *native_describe(const void *state)
{
    return ((const struct native *)state)->description;
}

const char *engine_native_isa(size_t index)
{
    const struct kernels *kernels = kernels_runnable(index);
    return kernels != NULL ? kernels->isa : NULL;
}

const struct engine_type engine_native = {
    .name = "native",
    .open = native_open,
    .predict = native_predict,
    .describe = native_describe,
    .close = native_close,
};

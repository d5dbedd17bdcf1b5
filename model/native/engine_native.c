/*
 * The native engine: opening, predicting, and the arenas that predictions work in.
 *
 * DESIGN
 *
 * A plan is built once (plan.c): the layer list becomes a list of steps, each a convolution, a pool
 * or a linear layer with the ReLU and the 2x2 pool that follow it taken in, and with its weights
 * copied into the order in which its kernel reads them (pack.c). Steps on planes run image by
 * image, so that an image's planes stay in the caches; from `plan.flat` on, images are the rows of
 * a matrix, and PLAN_CHUNK of them share each pass over the weights. The loops (kernels/) are one
 * source in GCC's vector extension, built for each instruction set; every kernel has the same inner
 * loop, of six rows (pixels, tiles or images) by 16 output channels (twelve rows with AVX-512),
 * whose sums stay in registers. The order of its additions is the same for every number of rows: an
 * image's answer does not depend on its batch, to the last bit.
 *
 * Layout. Channels come last and fill whole panels of 16: vectors run over channels, nothing is
 * ever transposed, and flattening is free (the linear layer's weights are permuted instead). Each
 * plane carries the border that its reader needs. Every step writes to a place of its own in the
 * arena, so borders are zero from the beginning, for ever.
 *
 * Ink (ink.c). Most of a digit's picture is black. What the network makes of a blank picture is
 * computed when the engine is opened; of a picture, only the pixels whose window holds ink: 38% of
 * the first convolution's, 72% of the second's, and as much of the linear layer after it, where a
 * pixel without ink adds a vector that is known. Noise all over the picture is the worst case.
 *
 * Winograd (kernels/winograd.c). A 3x3 convolution that is pooled 2x2 works on tiles of 4x4
 * outputs, four pooling windows: bias, ReLU and pool cost three instructions more on what is in
 * registers. Tiles begin where the ink begins, which takes 11.3 of them for a digit instead of 12.8
 * on a grid. F(2x2, 3x3), whose tile is a single window, came first; for a digit it takes 41% more
 * multiplications.
 *
 * The first linear layer's 1.6 MB are what a batch of one waits for. They lie in the order in which
 * they are read, a pixel's block of 32 KB after the other, in huge pages (5% of a batch of one);
 * pixels without ink skip their block, which saves 28% of the traffic as well as of the work.
 * Prefetching the next block in software changed nothing or made it slower.
 *
 * Measured (Xeon, AVX2, one thread, MNIST's test set): 38 us an image in batches, of which the
 * multiplications take 28 at 95% of the processor's peak rate; the transforms of tiles take 4.5,
 * the first convolution 2.5, ink 1.5. A batch of one takes 45. What is left is arithmetic: tiles at
 * the ink's edge that are half empty (smaller ones for them would save 8%). With AVX-512 it is 22
 * and 36.
 *
 * Threads. A prediction takes an arena from a small pool by an atomic exchange and gives it back;
 * only the first prediction of each of the most threads that ever ran at once allocates. The plan
 * is never written to after it was opened.
 */
#include "model/engine_native.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/native/ink.h"
#include "model/native/kernels.h"

/* As many threads as may be predicting at once without an allocation. */
enum { ARENAS = 64 };

/* What one prediction works in. */
struct arena {
    float *floats;
    struct spot *spots; /* those of the step at hand that are computed */
    struct ink ink[PLAN_CHUNK];
};

struct native {
    struct plan plan;
    const struct kernels *kernels;
    char description[32];
    _Atomic(struct arena *) arenas[ARENAS]; /* those that nobody is using */
};

static void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    free(a->floats);
    free(a->spots);
    free(a);
}

static struct arena *arena_new(const struct plan *p)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->floats = plan_floats(p->arena_len);
    a->spots = calloc(p->spots_max + 1, sizeof *a->spots);
    if (a->floats != NULL && a->spots != NULL)
        return a;
    arena_free(a);
    return NULL;
}

static struct arena *arena_take(struct native *n)
{
    for (size_t i = 0; i < ARENAS; i++) {
        if (atomic_load_explicit(&n->arenas[i], memory_order_relaxed) == NULL)
            continue;
        struct arena *a = atomic_exchange(&n->arenas[i], NULL);
        if (a != NULL)
            return a;
    }
    return arena_new(&n->plan);
}

static void arena_give(struct native *n, struct arena *a)
{
    for (size_t i = 0; i < ARENAS; i++) {
        struct arena *none = NULL;
        if (atomic_compare_exchange_strong(&n->arenas[i], &none, a))
            return;
    }
    arena_free(a);
}

static void load_picture(const struct plan *p, const float *pixels, float *floats)
{
    const struct plane *in = &p->steps[0].in;
    float *to = floats + p->steps[0].source + plane_origin(in);
    for (size_t y = 0; y < in->height; y++)
        memcpy(to + y * plane_row(in), pixels + y * in->width, in->width * sizeof *pixels);
}

/* Runs the i-th step, on planes, of which *ink is the input's ink and becomes the output's. Only
 * what has ink is computed; the rest comes from a blank picture, or is left alone where the step
 * that comes next knows the ink itself. */
static void run_inked(const struct native *n, size_t i, struct job *job, struct spot *spots,
                      struct ink *ink)
{
    const struct step *s = &n->plan.steps[i];
    const struct ink in = *ink;
    ink_of_output(ink, &in, s);
    if (i + 1 < n->plan.flat || !n->plan.inked_rows)
        ink_fill(job->target, ink, s);
    job->spots = spots;
    job->count = ink_spots(spots, ink, s);
    n->kernels->run[s->kind](s, job);
}

/* The steps on planes; the last of them writes row `row` for the steps on rows. */
static void run_image(const struct native *n, const float *pixels, struct arena *a, size_t row)
{
    const struct plan *p = &n->plan;
    load_picture(p, pixels, a->floats);
    if (p->inked)
        ink_of_picture(&a->ink[row], pixels);
    for (size_t i = 0; i < p->flat; i++) {
        const struct step *s = &p->steps[i];
        struct job job = {
            .source = a->floats + s->source,
            .target = a->floats + s->target + (i + 1 == p->flat ? row * p->flat_len : 0),
            .scratch = a->floats + p->scratch_at,
            .spots = s->cover,
            .count = s->cover_count,
        };
        if (p->inked)
            run_inked(n, i, &job, a->spots, &a->ink[row]);
        else
            n->kernels->run[s->kind](s, &job);
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
                      float *probabilities, struct arena *a)
{
    const struct plan *p = &n->plan;
    for (size_t row = 0; row < count && p->flat > 0; row++)
        run_image(n, pixels + row * DIGIT_PIXELS, a, row);
    for (size_t i = p->flat; i < p->count; i++) {
        const struct step *s = &p->steps[i];
        struct job job = {
            .source = i > 0 ? a->floats + s->source : pixels,
            .target = a->floats + s->target,
            .count = count,
            .ink = i == p->flat && p->inked_rows ? a->ink : NULL,
        };
        n->kernels->run[s->kind](s, &job);
    }
    for (size_t row = 0; row < count; row++)
        softmax(probabilities + row * DIGIT_CLASSES,
                a->floats + p->result_at + row * p->result_len);
}

/* Runs a blank picture, and keeps what each step on planes makes of it. */
static bool learn_blank(struct native *n, struct error *err)
{
    static const float blank[DIGIT_PIXELS];
    struct plan *p = &n->plan;
    float probabilities[DIGIT_CLASSES];
    bool inked = p->inked, inked_rows = p->inked_rows;
    struct arena *a = arena_take(n);
    if (a == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to predict in");
    p->inked = p->inked_rows = false;
    run_chunk(n, blank, 1, probabilities, a);
    for (size_t i = 0; i < p->flat && inked; i++) {
        struct step *s = &p->steps[i];
        memcpy(s->blank, a->floats + s->target, plane_len(&s->out) * sizeof *s->blank);
    }
    if (inked_rows)
        pack_blank(&p->steps[p->flat], a->floats + p->steps[p->flat].source);
    p->inked = inked;
    p->inked_rows = inked_rows;
    arena_give(n, a);
    return true;
}

static bool native_predict(void *state, const float *pixels, size_t count, float *probabilities,
                           struct error *err)
{
    struct native *n = state;
    struct arena *a = arena_take(n);
    if (a == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to predict in");
    for (size_t done = 0; done < count; done += PLAN_CHUNK) {
        size_t rows = count - done < PLAN_CHUNK ? count - done : PLAN_CHUNK;
        run_chunk(n, pixels + done * DIGIT_PIXELS, rows, probabilities + done * DIGIT_CLASSES, a);
    }
    arena_give(n, a);
    return true;
}

static void native_close(void *state)
{
    struct native *n = state;
    if (n == NULL)
        return;
    for (size_t i = 0; i < ARENAS; i++)
        arena_free(atomic_load(&n->arenas[i]));
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
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the engine");
    if (!kernels_choose(&n->kernels, isa, err) || !plan_build(&n->plan, net, weights, err) ||
        !learn_blank(n, err)) {
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

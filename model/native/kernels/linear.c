/*
 * Linear layers: rows (images) x inputs times inputs x outputs. Built once for each instruction
 * set.
 *
 * The inputs are cut into blocks, so that a block's weights for one panel and the rows' inputs stay
 * in the first-level cache; the weights lie in the order in which they are read, so that they
 * stream from beyond it. Where the ink of the rows' planes is known a block is a pixel, and rows
 * that are blank there take what was computed beforehand. A row or two alone would wait for their
 * few sums to come out of the adders: up to three rows take several panels at once.
 */
#include "model/native/kernels/steps.h"

/* A block of inputs, and the rows that need it. */
struct block {
    const float *weights;            /* of the next panel */
    float *to;                       /* the sums of row 0 for that panel */
    size_t out_len;                  /* floats from row to row */
    size_t run;                      /* inputs */
    size_t count;                    /* of rows */
    const float *source[PLAN_CHUNK]; /* their inputs */
    size_t rows[PLAN_CHUNK];
};

/* Where the v-th vector of a row's sums lies. */
static ALWAYS_INLINE size_t sum_at(size_t half, size_t v)
{
    return v / VECS * PLAN_PANEL + half + v % VECS * LANES;
}

static ALWAYS_INLINE void multiply_panels(const struct block *b, size_t first, size_t rows,
                                          size_t panels)
{
    float *to[ROWS_MAX];
    for (size_t i = 0; i < rows; i++)
        to[i] = b->to + b->rows[first + i] * b->out_len;
    for (size_t half = 0; half < PLAN_PANEL; half += WIDTH) {
        vec sums[ROWS_MAX * GROUP * VECS];
#pragma GCC unroll 12
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 16
            for (size_t v = 0; v < panels * VECS; v++)
                sums[i * panels * VECS + v] = vec_load(to[i] + sum_at(half, v));
        multiply_add(sums, rows, panels, b->source + first, 0, b->weights + half,
                     b->run * PLAN_PANEL, b->run);
#pragma GCC unroll 12
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 16
            for (size_t v = 0; v < panels * VECS; v++)
                vec_store(to[i] + sum_at(half, v), sums[i * panels * VECS + v]);
    }
}

static ALWAYS_INLINE void multiply_one(const struct block *b, size_t first, size_t rows)
{
    multiply_panels(b, first, rows, 1);
}

static ALWAYS_INLINE void multiply_group(const struct block *b, size_t first, size_t rows)
{
    multiply_panels(b, first, rows, GROUP);
}

/* All rows, for the next panels; gives how many panels those were. */
static size_t multiply(const struct block *b, size_t panels_left, const struct parts *parts)
{
    if (b->count == 1 && panels_left >= 4) {
        multiply_panels(b, 0, 1, 4);
        return 4;
    }
    if (b->count == 2 && panels_left >= 2) {
        multiply_panels(b, 0, 2, 2);
        return 2;
    }
    if (b->count == 3 && panels_left >= 2) {
        multiply_panels(b, 0, 3, 2);
        return 2;
    }
    size_t panels = panels_left < GROUP ? 1 : GROUP;
    for (size_t part = 0, first = 0; part < parts->count; part++) {
        size_t rows = parts->size + (part < parts->larger);
        if (panels == GROUP)
            ROWS_SWITCH(rows, multiply_group, b, first)
        else
            ROWS_SWITCH(rows, multiply_one, b, first)
        first += rows;
    }
    return panels;
}

static void run_block(struct block *b, float *target)
{
    struct parts parts = parts_of(b->count, ROWS_MAX);
    size_t panels = b->out_len / PLAN_PANEL;
    b->to = target;
    while (panels > 0) {
        size_t done = multiply(b, panels, &parts);
        b->weights += done * b->run * PLAN_PANEL;
        b->to += done * PLAN_PANEL;
        panels -= done;
    }
}

static void add_to(float *sums, const float *terms, size_t count)
{
    for (size_t i = 0; i < count; i += LANES)
        vec_store(sums + i, vec_load(sums + i) + vec_load(terms + i));
}

/* The rows that have ink at a pixel are listed; the others get what a blank one adds. */
static void list_rows(struct block *b, const struct step *s, const struct job *job, size_t y,
                      size_t x)
{
    size_t pixel = y * s->in.width + x, in_len = plane_len(&s->in);
    b->count = 0;
    for (size_t i = 0; i < job->count; i++)
        if (job->ink == NULL || (job->ink[i].rows[y] >> x & 1) != 0) {
            b->source[b->count] = job->source + i * in_len + pixel * s->k_block;
            b->rows[b->count++] = i;
        } else {
            add_to(job->target + i * b->out_len, s->blank + pixel * b->out_len, b->out_len);
        }
}

void KERNEL(linear)(const struct step *s, const struct job *job)
{
    size_t inputs = plane_len(&s->in), blocks = (inputs + s->k_block - 1) / s->k_block;
    size_t height = s->blank != NULL ? s->in.height : 1;
    size_t width = blocks / height;
    struct block b = {.out_len = plane_len(&s->out)};
    const float *weights = s->weights;
    for (size_t i = 0; i < job->count; i++)
        for (size_t o = 0; o < b.out_len; o += LANES)
            vec_store(job->target + i * b.out_len + o, vec_load(s->bias + o));
    for (size_t block = 0; block < blocks; block++) {
        size_t left = inputs - block * s->k_block;
        b.run = left < s->k_block ? left : s->k_block;
        b.weights = weights;
        list_rows(&b, s, job, block / width, block % width);
        if (b.count > 0)
            run_block(&b, job->target);
        weights += b.run * b.out_len;
    }
    vec floor = vec_splat(s->floor);
    for (size_t i = 0; i < job->count * b.out_len; i += LANES)
        vec_store(job->target + i, vec_max(vec_load(job->target + i), floor));
}

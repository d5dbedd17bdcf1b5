/*
 * Linear layers: rows (images) x inputs times inputs x outputs. Built once for each instruction
 * set.
 *
 * The inputs are cut into blocks, so that a block's weights for one panel and the rows' inputs stay
 * in the first-level cache; the weights lie in the order in which they are read, so that they
 * stream from beyond it. A row or two alone would wait for their few sums to come out of the
 * adders: up to three rows take several panels at once.
 */
#include "model/native/kernels/steps.h"

enum { PANELS_MAX = 4, SUMS_MAX = ROWS_MAX * VECS };

/* A block of inputs, for some panels of outputs. */
struct block {
    const struct step *s;
    const float *weights;
    size_t in_len;  /* floats from row to row */
    size_t out_len; /* floats from row to row */
    size_t first;   /* input */
    size_t run;     /* inputs */
    size_t panel;   /* the first */
};

/* Where the v-th vector of a row's sums belongs. */
static ALWAYS_INLINE size_t sum_at(const struct block *b, size_t half, size_t v)
{
    return (b->panel + v / VECS) * PLAN_PANEL + half + v % VECS * LANES;
}

static ALWAYS_INLINE void multiply_rows(const struct block *b, const float *source, float *target,
                                        size_t rows, size_t panels)
{
    const float *a[ROWS_MAX];
    bool last = b->first + b->run == b->in_len;
    vec floor = vec_splat(last ? b->s->floor : -__builtin_inff());
    for (size_t i = 0; i < rows; i++)
        a[i] = source + i * b->in_len;
    for (size_t half = 0; half < PLAN_PANEL; half += WIDTH) {
        vec sums[SUMS_MAX];
#pragma GCC unroll 6
        for (size_t i = 0; i < rows; i++) {
            const float *from = b->first == 0 ? b->s->bias : target + i * b->out_len;
#pragma GCC unroll 16
            for (size_t v = 0; v < panels * VECS; v++)
                sums[i * panels * VECS + v] = vec_load(from + sum_at(b, half, v));
        }
        multiply_add(sums, rows, panels, a, b->first, b->weights + half, b->run * PLAN_PANEL,
                     b->run);
#pragma GCC unroll 6
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 16
            for (size_t v = 0; v < panels * VECS; v++)
                vec_store(target + i * b->out_len + sum_at(b, half, v),
                          vec_max(sums[i * panels * VECS + v], floor));
    }
}

static void multiply_panel(const struct block *b, const float *source, float *target,
                           const struct parts *parts)
{
    for (size_t part = 0; part < parts->count; part++) {
        size_t rows = parts->size + (part < parts->larger);
        switch (rows) {
        case 6:
            multiply_rows(b, source, target, 6, 1);
            break;
        case 5:
            multiply_rows(b, source, target, 5, 1);
            break;
        case 4:
            multiply_rows(b, source, target, 4, 1);
            break;
        case 3:
            multiply_rows(b, source, target, 3, 1);
            break;
        case 2:
            multiply_rows(b, source, target, 2, 1);
            break;
        default:
            multiply_rows(b, source, target, 1, 1);
            break;
        }
        source += rows * b->in_len;
        target += rows * b->out_len;
    }
}

/* All rows, for the panels from b->panel on; gives how many panels those were. */
static size_t multiply_panels(const struct block *b, const float *source, float *target,
                              size_t rows, const struct parts *parts)
{
    size_t left = b->out_len / PLAN_PANEL - b->panel;
    if (rows == 1 && left >= PANELS_MAX) {
        multiply_rows(b, source, target, 1, PANELS_MAX);
        return PANELS_MAX;
    }
    if (rows == 2 && left >= 2) {
        multiply_rows(b, source, target, 2, 2);
        return 2;
    }
    if (rows == 3 && left >= 2) {
        multiply_rows(b, source, target, 3, 2);
        return 2;
    }
    multiply_panel(b, source, target, parts);
    return 1;
}

void KERNEL(linear)(const struct step *s, const float *source, float *target, float *scratch,
                    size_t rows)
{
    (void)scratch;
    struct parts parts = parts_of(rows, ROWS_MAX);
    struct block b = {
        .s = s,
        .weights = s->weights,
        .in_len = plane_len(&s->in),
        .out_len = plane_len(&s->out),
    };
    for (; b.first < b.in_len; b.first += b.run) {
        b.run = b.in_len - b.first < s->k_block ? b.in_len - b.first : s->k_block;
        for (b.panel = 0; b.panel * PLAN_PANEL < b.out_len;) {
            size_t panels = multiply_panels(&b, source, target, rows, &parts);
            b.weights += panels * b.run * PLAN_PANEL;
            b.panel += panels;
        }
    }
}

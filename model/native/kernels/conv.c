/*
 * Direct convolution: every output pixel is a row of sums, one for each of a panel of output
 * channels, that walks its window of the input with the panel's weights. A panel's weights stay in
 * the first-level cache while it sweeps the picture. Built once for each instruction set.
 */
#include "model/native/kernels/steps.h"

/* What all pixels of a panel share. */
struct sweep {
    const struct step *s;
    const float *source;
    float *target;
    const float *weights; /* the panel's: kernel x kernel x channels x PLAN_PANEL */
    size_t weights_len;
    const float *bias;
    size_t in_row; /* floats */
    size_t run;    /* inputs that lie side by side in a row of the window */
    size_t runs;   /* and how many such runs a row has */
};

/* A row of the window is one run where pixels lie without a gap, else a run for each pixel. */
static struct sweep sweep_of(const struct step *s, const struct job *job, size_t panel)
{
    const struct plane *in = &s->in;
    bool dense = in->pitch == in->channels;
    size_t weights_len = s->kernel * s->kernel * in->channels * PLAN_PANEL;
    return (struct sweep){
        .s = s,
        .source = job->source,
        .target = job->target + panel * PLAN_PANEL,
        .weights = s->weights + panel * weights_len,
        .weights_len = weights_len,
        .bias = s->bias + panel * PLAN_PANEL,
        .in_row = plane_row(in),
        .run = dense ? s->kernel * in->channels : in->channels,
        .runs = dense ? 1 : s->kernel,
    };
}

/* Fills sums with the outputs of the windows whose corners are a[0 .. rows), WIDTH channels of each
 * panel from `half` on. */
static ALWAYS_INLINE void windows(vec *sums, const struct sweep *w, const float *const *a,
                                  size_t rows, size_t panels, size_t half)
{
    const float *weights = w->weights + half;
#pragma GCC unroll 12
    for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (size_t p = 0; p < panels; p++)
#pragma GCC unroll 4
            for (size_t v = 0; v < VECS; v++)
                sums[(i * panels + p) * VECS + v] =
                    vec_load(w->bias + p * PLAN_PANEL + half + v * LANES);
    for (size_t y = 0; y < w->s->kernel; y++)
        for (size_t r = 0; r < w->runs; r++) {
            multiply_add(sums, rows, panels, a, y * w->in_row + r * w->s->in.pitch, weights,
                         w->weights_len, w->run);
            weights += w->run * PLAN_PANEL;
        }
}

static ALWAYS_INLINE void pixels(const struct sweep *w, const struct spot *spots, size_t rows)
{
    const float *a[ROWS_MAX];
    vec floor = vec_splat(w->s->floor);
    for (size_t i = 0; i < rows; i++)
        a[i] = w->source + spots[i].source;
    for (size_t half = 0; half < PLAN_PANEL; half += WIDTH) {
        vec sums[ROWS_MAX * VECS];
        windows(sums, w, a, rows, 1, half);
#pragma GCC unroll 12
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
            for (size_t v = 0; v < VECS; v++)
                vec_store(w->target + spots[i].target + half + v * LANES,
                          vec_max(sums[i * VECS + v], floor));
    }
}

static void all_pixels(const struct sweep *w, const struct spot *spots, const struct parts *parts)
{
    for (size_t part = 0; part < parts->count; part++) {
        size_t rows = parts->size + (part < parts->larger);
        ROWS_SWITCH(rows, pixels, w, spots)
        spots += rows;
    }
}

void KERNEL(conv)(const struct step *s, const struct job *job)
{
    struct parts parts = parts_of(job->count, ROWS_MAX);
    for (size_t panel = 0; panel * PLAN_PANEL < s->out.pitch; panel++) {
        struct sweep w = sweep_of(s, job, panel);
        all_pixels(&w, job->spots, &parts);
    }
}

/* The four windows of one pooled pixel. */
static ALWAYS_INLINE void pooled_pixel(const struct sweep *w, const struct spot *spot,
                                       size_t panels)
{
    size_t pitch = w->s->in.pitch;
    const float *corner = w->source + spot->source;
    const float *const a[4] = {corner, corner + pitch, corner + w->in_row,
                               corner + w->in_row + pitch};
    vec floor = vec_splat(w->s->floor);
    for (size_t half = 0; half < PLAN_PANEL; half += WIDTH) {
        vec sums[4 * GROUP * VECS];
        const size_t next = panels * VECS;
        windows(sums, w, a, 4, panels, half);
#pragma GCC unroll 4
        for (size_t v = 0; v < next; v++) {
            vec top = vec_max(sums[v], sums[next + v]);
            vec bottom = vec_max(sums[2 * next + v], sums[3 * next + v]);
            vec_store(w->target + spot->target + v / VECS * PLAN_PANEL + half + v % VECS * LANES,
                      vec_max(vec_max(top, bottom), floor));
        }
    }
}

static void pooled_pixels(const struct sweep *w, const struct job *job, size_t panels)
{
    if (panels == GROUP)
        for (size_t i = 0; i < job->count; i++)
            pooled_pixel(w, &job->spots[i], GROUP);
    else
        for (size_t i = 0; i < job->count; i++)
            pooled_pixel(w, &job->spots[i], 1);
}

void KERNEL(conv_pool)(const struct step *s, const struct job *job)
{
    size_t panels = s->out.pitch / PLAN_PANEL, group;
    for (size_t panel = 0; panel < panels; panel += group) {
        group = panels - panel < GROUP ? 1 : GROUP;
        struct sweep w = sweep_of(s, job, panel);
        pooled_pixels(&w, job, group);
    }
}

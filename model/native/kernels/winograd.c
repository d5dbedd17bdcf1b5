/*
 * 3x3 convolution, ReLU and 2x2 max-pool by Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2016): a tile of 6x6 inputs gives 4x4 outputs,
 * four pooling windows, with 36 multiplications for each pair of channels where a direct
 * convolution takes 144. Built once for each instruction set.
 *
 * PLAN_TILES tiles at a time: transform their inputs (36 points a tile), then for each panel of
 * output channels multiply each point by its own matrix, and take the sums back to 16 outputs of
 * which only the largest of each window is written. Inputs and sums of a block of tiles stay in the
 * first two levels of cache; the weights stream by once a block.
 *
 * The points of interpolation are 0, +-A, +-B and infinity. With A = 5/8 and B = 5/4 the constants
 * below are exact, and the error is a quarter of what the usual 1 and 2 give.
 */
#include "model/native/kernels/steps.h"
#include "model/native/points.h"

/* A block of tiles on its way through. The arrays lie in the scratch memory. */
struct block {
    const struct step *s;
    const struct spot *spots;
    size_t tiles;
    struct parts parts; /* of the tiles: those that are multiplied together */
    size_t point;       /* floats from a point of `inputs` to the next */
    float *inputs;      /* WINOGRAD_POINTS x tiles x in.pitch */
    float *sums;        /* panels x WINOGRAD_POINTS x tiles x PLAN_PANEL */
};

/* B^T d: the polynomial that vanishes at all points but one, for each point. */
static ALWAYS_INLINE void to_points(vec out[WINOGRAD_SIDE], const vec d[WINOGRAD_SIDE])
{
    vec even_a = d[4] - POINT_B2 * d[2], odd_a = POINT_A * (d[3] - POINT_B2 * d[1]);
    vec even_b = d[4] - POINT_A2 * d[2], odd_b = POINT_B * (d[3] - POINT_A2 * d[1]);
    out[0] = POINT_A2 * POINT_B2 * d[0] + (d[4] - (POINT_A2 + POINT_B2) * d[2]);
    out[1] = even_a + odd_a;
    out[2] = even_a - odd_a;
    out[3] = even_b + odd_b;
    out[4] = even_b - odd_b;
    out[5] = POINT_A2 * POINT_B2 * d[1] + (d[5] - (POINT_A2 + POINT_B2) * d[3]);
}

/* A^T m: the four outputs from the values at the points. */
static ALWAYS_INLINE void from_points(vec out[4], const vec m[WINOGRAD_SIDE])
{
    vec sum_a = m[1] + m[2], difference_a = m[1] - m[2];
    vec sum_b = m[3] + m[4], difference_b = m[3] - m[4];
    out[0] = m[0] + sum_a + sum_b;
    out[1] = POINT_A * difference_a + POINT_B * difference_b;
    out[2] = POINT_A2 * sum_a + POINT_B2 * sum_b;
    out[3] = POINT_A * POINT_A2 * difference_a + (POINT_B * POINT_B2 * difference_b + m[5]);
}

/* B^T d B of one tile, LANES channels. */
static ALWAYS_INLINE void transform_input(const float *d, size_t row, size_t pitch, float *out,
                                          size_t point)
{
    vec columns[WINOGRAD_SIDE][WINOGRAD_SIDE];
#pragma GCC unroll 12
    for (size_t x = 0; x < WINOGRAD_SIDE; x++) {
        vec column[WINOGRAD_SIDE];
#pragma GCC unroll 12
        for (size_t y = 0; y < WINOGRAD_SIDE; y++)
            column[y] = vec_load(d + y * row + x * pitch);
        to_points(columns[x], column);
    }
#pragma GCC unroll 12
    for (size_t y = 0; y < WINOGRAD_SIDE; y++) {
        vec line[WINOGRAD_SIDE], points[WINOGRAD_SIDE];
#pragma GCC unroll 12
        for (size_t x = 0; x < WINOGRAD_SIDE; x++)
            line[x] = columns[x][y];
        to_points(points, line);
#pragma GCC unroll 12
        for (size_t x = 0; x < WINOGRAD_SIDE; x++)
            vec_store(out + (y * WINOGRAD_SIDE + x) * point, points[x]);
    }
}

static void transform_inputs(const struct block *b, const float *source)
{
    const struct plane *in = &b->s->in;
    for (size_t t = 0; t < b->tiles; t++)
        for (size_t c = 0; c < in->channels; c += LANES)
            transform_input(source + b->spots[t].source + c, plane_row(in), in->pitch,
                            b->inputs + t * in->pitch + c, b->point);
}

/* What the rows of a point share. */
struct row {
    const float *inputs;
    const float *weights;
    float *out;
    size_t channels;
    size_t pitch;
    size_t weights_panel; /* floats from a panel to the next; */
    size_t out_panel;     /* and in `out` */
};

/* The sums of `rows` tiles at one point, for one or more panels. */
static ALWAYS_INLINE void multiply_panels(const struct row *r, size_t first, size_t rows,
                                          size_t panels)
{
    const float *a[ROWS_MAX];
    float *out = r->out + first * PLAN_PANEL;
    for (size_t i = 0; i < rows; i++)
        a[i] = r->inputs + (first + i) * r->pitch;
    for (size_t half = 0; half < PLAN_PANEL; half += WIDTH) {
        vec sums[ROWS_MAX * GROUP * VECS];
#pragma GCC unroll 24
        for (size_t i = 0; i < rows * panels * VECS; i++)
            sums[i] = vec_splat(0.0f);
        multiply_add(sums, rows, panels, a, 0, r->weights + half, r->weights_panel, r->channels);
#pragma GCC unroll 12
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 2
            for (size_t p = 0; p < panels; p++)
#pragma GCC unroll 4
                for (size_t v = 0; v < VECS; v++)
                    vec_store(out + p * r->out_panel + i * PLAN_PANEL + half + v * LANES,
                              sums[(i * panels + p) * VECS + v]);
    }
}

static ALWAYS_INLINE void multiply_one(const struct row *r, size_t first, size_t rows)
{
    multiply_panels(r, first, rows, 1);
}

static ALWAYS_INLINE void multiply_group(const struct row *r, size_t first, size_t rows)
{
    multiply_panels(r, first, rows, GROUP);
}

static void multiply_point(const struct row *r, const struct parts *parts, size_t panels)
{
    for (size_t part = 0, first = 0; part < parts->count; part++) {
        size_t rows = parts->size + (part < parts->larger);
        if (panels == GROUP)
            ROWS_SWITCH(rows, multiply_group, r, first)
        else
            ROWS_SWITCH(rows, multiply_one, r, first)
        first += rows;
    }
}

/* A^T m A of one tile, LANES channels, pooled: out[y][x]. */
static ALWAYS_INLINE void transform_output(vec out[2][2], const float *m, size_t point)
{
    vec columns[WINOGRAD_SIDE][4];
#pragma GCC unroll 12
    for (size_t x = 0; x < WINOGRAD_SIDE; x++) {
        vec column[WINOGRAD_SIDE];
#pragma GCC unroll 12
        for (size_t y = 0; y < WINOGRAD_SIDE; y++)
            column[y] = vec_load(m + (y * WINOGRAD_SIDE + x) * point);
        from_points(columns[x], column);
    }
#pragma GCC unroll 2
    for (size_t y = 0; y < 2; y++) {
        vec lines[2][WINOGRAD_SIDE], pixels[2][4];
#pragma GCC unroll 2
        for (size_t i = 0; i < 2; i++) {
#pragma GCC unroll 12
            for (size_t x = 0; x < WINOGRAD_SIDE; x++)
                lines[i][x] = columns[x][2 * y + i];
            from_points(pixels[i], lines[i]);
        }
#pragma GCC unroll 2
        for (size_t x = 0; x < 2; x++)
            out[y][x] = vec_max(vec_max(pixels[0][2 * x], pixels[0][2 * x + 1]),
                                vec_max(pixels[1][2 * x], pixels[1][2 * x + 1]));
    }
}

static void transform_outputs(const struct block *b, const float *sums, size_t panel, float *target)
{
    size_t row = plane_row(&b->s->out), pitch = b->s->out.pitch;
    vec floor = vec_splat(b->s->floor);
    for (size_t t = 0; t < b->tiles; t++) {
        const struct spot *spot = &b->spots[t];
        for (size_t c = 0; c < PLAN_PANEL; c += LANES) {
            vec best[2][2], bias = vec_load(b->s->bias + panel * PLAN_PANEL + c);
            float *to = target + spot->target + panel * PLAN_PANEL + c;
            transform_output(best, sums + t * PLAN_PANEL + c, b->tiles * PLAN_PANEL);
            for (size_t y = 0; y < spot->height; y++)
                for (size_t x = 0; x < spot->width; x++)
                    vec_store(to + y * row + x * pitch, vec_max(best[y][x] + bias, floor));
        }
    }
}

static void run_block(const struct block *b, const struct job *job)
{
    const struct step *s = b->s;
    size_t matrix = s->in.channels * PLAN_PANEL, sums = b->tiles * PLAN_PANEL;
    size_t panels = s->out.pitch / PLAN_PANEL, group;
    transform_inputs(b, job->source);
    for (size_t panel = 0; panel < panels; panel += group) {
        group = panels - panel < GROUP ? 1 : GROUP;
        for (size_t point = 0; point < WINOGRAD_POINTS; point++) {
            struct row r = {
                .inputs = b->inputs + point * b->point,
                .weights = s->weights + (panel * WINOGRAD_POINTS + point) * matrix,
                .out = b->sums + point * sums,
                .channels = s->in.channels,
                .pitch = s->in.pitch,
                .weights_panel = WINOGRAD_POINTS * matrix,
                .out_panel = WINOGRAD_POINTS * sums,
            };
            multiply_point(&r, &b->parts, group);
        }
        for (size_t p = 0; p < group; p++)
            transform_outputs(b, b->sums + p * WINOGRAD_POINTS * sums, panel + p, job->target);
    }
}

void KERNEL(winograd)(const struct step *s, const struct job *job)
{
    struct parts blocks = parts_of(job->count, PLAN_TILES);
    struct block b = {.s = s, .spots = job->spots, .inputs = job->scratch};
    for (size_t part = 0; part < blocks.count; part++) {
        b.tiles = blocks.size + (part < blocks.larger);
        b.parts = parts_of(b.tiles, ROWS_MAX);
        b.point = b.tiles * s->in.pitch;
        b.sums = b.inputs + WINOGRAD_POINTS * b.point;
        run_block(&b, job);
        b.spots += b.tiles;
    }
}

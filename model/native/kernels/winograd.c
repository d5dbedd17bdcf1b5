/*
 * 3x3 convolution, ReLU and 2x2 max-pool by Winograd's F(2x2, 3x3) (Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2016): a tile of 4x4 inputs gives 2x2 outputs, one
 * pooling window, with 16 multiplications for each pair of channels where a direct convolution
 * takes 36. Built once for each instruction set.
 *
 * PLAN_TILES tiles at a time: transform their inputs (16 points a tile), then for each panel of
 * output channels multiply each point by its own matrix, and take the sums back to four outputs of
 * which only the largest is written. Inputs and sums of a block of tiles stay in the first two
 * levels of cache; the weights stream by once a block.
 */
#include "model/native/kernels/steps.h"

/* A block of tiles on its way through. The arrays lie in the scratch memory. */
struct block {
    const struct step *s;
    size_t first; /* tile */
    size_t tiles;
    struct parts parts; /* of the tiles: those that are multiplied together */
    size_t point;       /* floats from a point of `inputs` to the next */
    float *inputs;      /* WINOGRAD_POINTS x tiles x in.pitch */
    float *sums;        /* WINOGRAD_POINTS x tiles x PLAN_PANEL */
};

/* B^T d B of one tile, LANES channels: d is 4x4 pixels, row_len floats from row to row. */
static ALWAYS_INLINE void transform_input(const float *d, size_t row, size_t pitch, float *out,
                                          size_t point)
{
    const float *r0 = d, *r1 = d + row, *r2 = r1 + row, *r3 = r2 + row;
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) {
        vec t[4];
#pragma GCC unroll 4
        for (size_t j = 0; j < 4; j++) {
            size_t x = j * pitch;
            t[j] = i == 0   ? vec_load(r0 + x) - vec_load(r2 + x)
                   : i == 1 ? vec_load(r1 + x) + vec_load(r2 + x)
                   : i == 2 ? vec_load(r2 + x) - vec_load(r1 + x)
                            : vec_load(r1 + x) - vec_load(r3 + x);
        }
        vec_store(out + (4 * i + 0) * point, t[0] - t[2]);
        vec_store(out + (4 * i + 1) * point, t[1] + t[2]);
        vec_store(out + (4 * i + 2) * point, t[2] - t[1]);
        vec_store(out + (4 * i + 3) * point, t[1] - t[3]);
    }
}

static void transform_inputs(const struct block *b, const float *source)
{
    const struct plane *in = &b->s->in;
    size_t row = plane_row(in), width = b->s->out.width;
    for (size_t t = 0; t < b->tiles; t++) {
        size_t y = (b->first + t) / width, x = (b->first + t) % width;
        const float *tile = source + 2 * (y * row + x * in->pitch);
        float *out = b->inputs + t * in->pitch;
        for (size_t c = 0; c < in->channels; c += LANES)
            transform_input(tile + c, row, in->pitch, out + c, b->point);
    }
}

/* The sums of `rows` tiles at one point. */
static ALWAYS_INLINE void multiply_rows(const struct block *b, const float *inputs,
                                        const float *weights, float *out, size_t rows)
{
    const float *a[ROWS_MAX];
    for (size_t i = 0; i < rows; i++)
        a[i] = inputs + i * b->s->in.pitch;
    for (size_t half = 0; half < PLAN_PANEL; half += WIDTH) {
        vec sums[ROWS_MAX * VECS];
#pragma GCC unroll 24
        for (size_t i = 0; i < rows * VECS; i++)
            sums[i] = vec_splat(0.0f);
        multiply_add(sums, rows, 1, a, 0, weights + half, 0, b->s->in.channels);
#pragma GCC unroll 6
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
            for (size_t v = 0; v < VECS; v++)
                vec_store(out + i * PLAN_PANEL + half + v * LANES, sums[i * VECS + v]);
    }
}

static void multiply_point(const struct block *b, const float *inputs, const float *weights,
                           float *out)
{
    for (size_t part = 0; part < b->parts.count; part++) {
        size_t rows = b->parts.size + (part < b->parts.larger);
        switch (rows) {
        case 6:
            multiply_rows(b, inputs, weights, out, 6);
            break;
        case 5:
            multiply_rows(b, inputs, weights, out, 5);
            break;
        case 4:
            multiply_rows(b, inputs, weights, out, 4);
            break;
        case 3:
            multiply_rows(b, inputs, weights, out, 3);
            break;
        case 2:
            multiply_rows(b, inputs, weights, out, 2);
            break;
        default:
            multiply_rows(b, inputs, weights, out, 1);
            break;
        }
        inputs += rows * b->s->in.pitch;
        out += rows * PLAN_PANEL;
    }
}

/* The largest of A^T m A, LANES channels of one tile. */
static ALWAYS_INLINE vec transform_output(const float *m, size_t point)
{
    vec top[4], bottom[4];
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; j++) {
        vec m1 = vec_load(m + (4 + j) * point), m2 = vec_load(m + (8 + j) * point);
        top[j] = vec_load(m + j * point) + m1 + m2;
        bottom[j] = m1 - m2 - vec_load(m + (12 + j) * point);
    }
    vec high = vec_max(top[0] + top[1] + top[2], top[1] - top[2] - top[3]);
    vec low = vec_max(bottom[0] + bottom[1] + bottom[2], bottom[1] - bottom[2] - bottom[3]);
    return vec_max(high, low);
}

static void transform_outputs(const struct block *b, size_t panel, float *target)
{
    const struct plane *out = &b->s->out;
    size_t row = plane_row(out);
    const float *bias = b->s->bias + panel * PLAN_PANEL;
    vec floor = vec_splat(b->s->floor);
    for (size_t t = 0; t < b->tiles; t++) {
        size_t y = (b->first + t) / out->width, x = (b->first + t) % out->width;
        float *to = target + y * row + x * out->pitch + panel * PLAN_PANEL;
        const float *m = b->sums + t * PLAN_PANEL;
#pragma GCC unroll 4
        for (size_t c = 0; c < PLAN_PANEL; c += LANES) {
            vec best = transform_output(m + c, b->tiles * PLAN_PANEL);
            vec_store(to + c, vec_max(best + vec_load(bias + c), floor));
        }
    }
}

static void run_block(const struct block *b, const float *source, float *target)
{
    const float *weights = b->s->weights;
    transform_inputs(b, source);
    for (size_t panel = 0; panel * PLAN_PANEL < b->s->out.channels; panel++) {
        for (size_t point = 0; point < WINOGRAD_POINTS; point++) {
            multiply_point(b, b->inputs + point * b->point, weights,
                           b->sums + point * b->tiles * PLAN_PANEL);
            weights += b->s->in.channels * PLAN_PANEL;
        }
        transform_outputs(b, panel, target);
    }
}

void KERNEL(winograd)(const struct step *s, const float *source, float *target, float *scratch,
                      size_t rows)
{
    (void)rows;
    struct parts blocks = parts_of(s->out.height * s->out.width, PLAN_TILES);
    struct block b = {.s = s, .inputs = scratch};
    target += plane_origin(&s->out);
    for (size_t part = 0; part < blocks.count; part++) {
        b.tiles = blocks.size + (part < blocks.larger);
        b.parts = parts_of(b.tiles, ROWS_MAX);
        b.point = b.tiles * s->in.pitch;
        b.sums = scratch + WINOGRAD_POINTS * b.point;
        run_block(&b, source, target);
        b.first += b.tiles;
    }
}

/*
 * Scaling by area averaging. Pure functions over the caller's memory; any thread; nothing is
 * allocated. The place is not rounded to whole pixels as MNIST's was: that is no better for a
 * network, and this way a digit that is drawn a little elsewhere or a little larger gives the same
 * result.
 *
 * Each pass over the pixels is a loop over bytes that the compiler turns into vector code
 * (CMakeLists.txt asks for -O3); it keeps a few rows' worth of memory, on the stack.
 */
#include "model/canvas/field.h"

#include <math.h>
#include <string.h>

#include "model/canvas/levels.h"

enum {
    WEIGHED_ROWS_MAX = 128, /* at most 257, so that a column's sum of bytes fits into 16 bits */
    BOX_SIDE = 20,          /* of the digit within the field of DIGIT_SIDE */
    MARGIN = 2,             /* around the box, where there still is what is too faint for it */
    /* The weights of the pixels that make up one. With a byte they fit into 16 bits. */
    WEIGHT_ONE = 256,
    WEIGHTS_MAX = IMAGE_SIDE_MAX + 2 * DIGIT_SIDE,
};

/* The source pixels that make up one pixel of the field along one axis. */
struct span {
    size_t first;
    size_t count;
    const uint16_t *weights; /* sum to WEIGHT_ONE, or less where the picture ends */
};

/* The box's centre of mass. Of a tall box not every row is looked at; the centre is found well
 * within a hundredth of a pixel of the field all the same. */
void field_weigh(struct box *box, const struct picture *in, struct ink ink)
{
    NOT_CLEARED uint16_t columns[IMAGE_SIDE_MAX];
    size_t every = box->y.length / WEIGHED_ROWS_MAX + 1, width = box->x.length;
    uint64_t mass = 0, x_moment = 0, y_moment = 0;
    memset(columns, 0, width * sizeof *columns);
    for (size_t y = 0; y < box->y.length; y += every) {
        const uint8_t *row = in->pixels + (box->y.start + y) * in->width + box->x.start;
        uint32_t row_mass = 0;
        for (size_t x = 0; x < width; x++) {
            uint8_t amount = ink_amount(row[x], ink);
            columns[x] = (uint16_t)(columns[x] + amount);
            row_mass += amount;
        }
        mass += row_mass;
        y_moment += (uint64_t)row_mass * y;
    }
    for (size_t x = 0; x < width; x++)
        x_moment += (uint64_t)columns[x] * x;
    box->x.centre = box->y.centre = 0.5;
    if (mass == 0)
        return;
    box->x.centre += (double)x_moment / (double)mass;
    box->y.centre += (double)y_moment / (double)mass;
}

/* fmin and fmax are calls where NaN has to be thought of. */
static inline double smaller(double a, double b)
{
    return a < b ? a : b;
}

static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Lays the field's pixels over the source, `step` source pixels each, with the centre of mass in
 * the middle unless the box would then stick out. Positions are counted from the box, so that
 * where it stands changes nothing. */
static void lay_spans(struct span spans[DIGIT_SIDE], uint16_t weights[WEIGHTS_MAX],
                      const struct side *side, size_t size, double step)
{
    double start = side->centre - FIELD_MIDDLE * step;
    start = smaller(larger(start, (double)side->length - DIGIT_SIDE * step), 0.0);
    const size_t length = side->length, after = size - side->start - length;
    const double margin = ceil(MARGIN * step) + 1;
    const double lowest = -smaller(margin, (double)side->start);
    const double highest = (double)length + smaller(margin, (double)after);
    for (size_t i = 0; i < DIGIT_SIDE; i++) {
        double from = start + (double)i * step, to = from + step;
        double first = larger(floor(from), lowest), last = smaller(ceil(to), highest);
        spans[i] = (struct span){.weights = weights};
        if (first >= last)
            continue;
        spans[i].first = side->start + (size_t)(first - lowest) - (size_t)-lowest;
        spans[i].count = (size_t)(last - first);
        /* Rounding what has been handed out so far, not each weight, keeps the sum exact. */
        unsigned before = (unsigned)(larger(first - from, 0.0) / step * WEIGHT_ONE + 0.5);
        for (size_t k = 0; k < spans[i].count; k++) {
            double covered = smaller(first + (double)k + 1, to) - from;
            unsigned now = (unsigned)(covered / step * WEIGHT_ONE + 0.5);
            *weights++ = (uint16_t)(now - before);
            before = now;
        }
    }
}

/* The weighted sum of the rows of one span, for columns from..to. */
static void sum_rows(uint16_t *sums, const struct picture *in, const struct ink *ink,
                     const struct span *span, size_t from, size_t to)
{
    const struct ink copy = *ink; /* which `sums` cannot alias */
    memset(sums + from, 0, (to - from) * sizeof *sums);
    for (size_t k = 0; k < span->count; k++) {
        const uint8_t *row = in->pixels + (span->first + k) * in->width;
        const uint16_t weight = span->weights[k];
        if (weight == 0)
            continue;
        for (size_t x = from; x < to; x++) {
            uint8_t amount = ink_amount(row[x], copy);
            sums[x] = (uint16_t)(sums[x] + (uint16_t)(amount * weight));
        }
    }
}

/* Averaging leaves thin strokes faint; MNIST's are not. As there, a quarter of the pixels with ink
 * shall be at full strength, or nearly. */
static void strengthen(float field[DIGIT_PIXELS])
{
    uint32_t histogram[LEVELS] = {0};
    size_t count = 0;
    float strongest = 0.0f;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        strongest = field[i] > strongest ? field[i] : strongest;
    if (strongest == 0.0f)
        return;
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        size_t level = (size_t)(field[i] / strongest * (LEVELS - 1) + 0.5f);
        if (level < 8)
            continue;
        histogram[level]++;
        count++;
    }
    float gain = 250.0f / ((float)level_at_rank(histogram, count * 3 / 4) * strongest);
    if (gain <= 1.0f)
        return;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        field[i] = field[i] * gain < 1.0f ? field[i] * gain : 1.0f;
}

void field_draw(float out[DIGIT_PIXELS], const struct picture *in, const struct ink *ink,
                const struct box *box)
{
    NOT_CLEARED uint16_t x_weights[WEIGHTS_MAX];
    NOT_CLEARED uint16_t y_weights[WEIGHTS_MAX];
    NOT_CLEARED uint16_t sums[IMAGE_SIDE_MAX];
    struct span xs[DIGIT_SIDE], ys[DIGIT_SIDE];
    size_t longest = box->x.length > box->y.length ? box->x.length : box->y.length;
    double step = (double)longest / BOX_SIDE;
    lay_spans(xs, x_weights, &box->x, in->width, step);
    lay_spans(ys, y_weights, &box->y, in->height, step);

    size_t from = in->width, to = 0;
    for (size_t j = 0; j < DIGIT_SIDE; j++) {
        if (xs[j].count == 0)
            continue;
        from = xs[j].first < from ? xs[j].first : from;
        to = xs[j].first + xs[j].count;
    }
    const float scale = 1.0f / ((float)(WEIGHT_ONE * WEIGHT_ONE) * (float)ink->range);
    for (size_t i = 0; i < DIGIT_SIDE; i++) {
        sum_rows(sums, in, ink, &ys[i], from, to);
        for (size_t j = 0; j < DIGIT_SIDE; j++) {
            uint32_t sum = 0;
            for (size_t k = 0; k < xs[j].count; k++)
                /* gcc-suppress analyzer-use-of-uninitialized-value: from..to holds every span */
                sum += (uint32_t)sums[xs[j].first + k] * xs[j].weights[k];
            out[i * DIGIT_SIDE + j] = (float)sum * scale;
        }
    }
    strengthen(out);
}

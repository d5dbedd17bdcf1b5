/*
 * The room where a picture of any size becomes the 28x28 floats that MNIST's makers would have made
 * of it. Pure functions over the caller's memory; any thread; nothing is allocated. Knows nothing
 * of files or networks.
 *
 * How: the border tells the background, and the extremes of the rows tell whether ink is lighter
 * or darker than it, and how strong. From then on a pixel is an amount of ink. The pixels with
 * much of it span a box, whose longest side becomes 20 pixels by area averaging, placed so that its
 * centre of mass falls on the middle pixel. The place is not rounded to whole pixels as MNIST's
 * was: that is no better for a network, and this way a digit that is drawn a little elsewhere or a
 * little larger gives the same result.
 *
 * Each pass over the pixels is a loop over bytes that the compiler turns into vector code
 * (CMakeLists.txt asks for -O3); it keeps a few rows' worth of memory, on the stack.
 */
#include "model/canvas.h"

#include <math.h>
#include <string.h>

/* Large arrays of which a small picture uses little: clearing them would cost more than it does. */
#define NOT_CLEARED __attribute__((uninitialized))

enum {
    LEVELS = 256,
    WEIGHED_ROWS_MAX = 128, /* at most 257, so that a column's sum of bytes fits into 16 bits */
    BOX_SIDE = 20,          /* of the digit within the field of DIGIT_SIDE */
    CONTRAST_MIN = 16,
    NOISE_MAX = 24,
    /* A picture in MNIST's manner. In all of its 70,000 the longest side is 19 or 20. */
    MANNER_BASE_MAX = 32,
    MANNER_SIDE_MIN = 18,
    MANNER_SIDE_MAX = 22,
    /* The weights of the pixels that make up one. With a byte they fit into 16 bits. */
    WEIGHT_ONE = 256,
    WEIGHTS_MAX = IMAGE_SIDE_MAX + 2 * DIGIT_SIDE,
};

/* MNIST's centres of mass lie within pixel 14 (of 0..27), both ways; this is its middle. */
static const double middle = 14.5;

/* How a byte becomes an amount of ink: min(max((byte ^ flip) - base, 0), range). */
struct ink {
    uint8_t flip; /* 255 where strokes are darker than their background */
    uint8_t base; /* the background and its noise */
    uint8_t range;
    uint8_t edge; /* a flipped byte above this lies within a stroke */
};

/* One axis of the box. */
struct side {
    size_t start;
    size_t length;
    double centre; /* of mass, from `start` */
};

struct box {
    struct side x, y;
};

/* The source pixels that make up one pixel of the field along one axis. */
struct span {
    size_t first;
    size_t count;
    const uint16_t *weights; /* sum to WEIGHT_ONE, or less where the picture ends */
};

struct levels {
    uint32_t lowest[LEVELS];  /* how many rows have this level as their lowest */
    uint32_t highest[LEVELS]; /* ... highest */
    size_t background;
    size_t noise;
};

static size_t level_at_rank(const uint32_t histogram[LEVELS], size_t rank)
{
    size_t level = 0;
    for (size_t seen = histogram[0]; seen <= rank && level < LEVELS - 1;)
        seen += histogram[++level];
    return level;
}

/* The background is the border's median; its noise is the spread of the middle half, which strokes
 * that touch the border do not change. */
static void measure_border(struct levels *l, const struct picture *in)
{
    uint32_t histogram[LEVELS] = {0};
    const uint8_t *bottom = in->pixels + (in->height - 1) * in->width;
    for (size_t x = 0; x < in->width; x++) {
        histogram[in->pixels[x]]++;
        histogram[bottom[x]]++;
    }
    for (size_t y = 0; y < in->height; y++) {
        histogram[in->pixels[y * in->width]]++;
        histogram[in->pixels[y * in->width + in->width - 1]]++;
    }
    size_t count = 2 * (in->width + in->height);
    size_t spread = level_at_rank(histogram, count * 3 / 4) - level_at_rank(histogram, count / 4);
    l->background = level_at_rank(histogram, count / 2);
    l->noise = spread < NOISE_MAX ? spread : NOISE_MAX;
}

static void measure_rows(struct levels *l, const struct picture *in)
{
    for (size_t y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + y * in->width;
        uint8_t lowest = 255, highest = 0;
        for (size_t x = 0; x < in->width; x++) {
            lowest = row[x] < lowest ? row[x] : lowest;
            highest = row[x] > highest ? row[x] : highest;
        }
        l->lowest[lowest]++;
        l->highest[highest]++;
    }
}

/* Whether rows go further below the background than above it, taken together. */
static bool is_darker(const struct levels *l)
{
    uint64_t above = 0, below = 0;
    for (size_t level = 0; level < l->background; level++)
        below += (l->background - level) * l->lowest[level];
    for (size_t level = l->background; level < LEVELS; level++)
        above += (level - l->background) * l->highest[level];
    return below > above;
}

/* How far ink is from the background: what the strongest quarter of the rows with ink reach, so
 * that a few specks do not set the scale. 0 where there is no ink. */
static size_t peak(const struct levels *l, bool darker)
{
    uint32_t strengths[LEVELS] = {0};
    size_t rows = 0, furthest = darker ? l->background : LEVELS - 1 - l->background;
    for (size_t strength = CONTRAST_MIN + 3 * l->noise; strength <= furthest; strength++) {
        strengths[strength] =
            darker ? l->lowest[l->background - strength] : l->highest[l->background + strength];
        rows += strengths[strength];
    }
    return rows == 0 ? 0 : level_at_rank(strengths, rows - 1 - rows / 4);
}

static bool find_ink(struct ink *out, const struct picture *in, struct error *err)
{
    struct levels l = {0};
    measure_border(&l, in);
    measure_rows(&l, in);
    bool darker = is_darker(&l);
    size_t strength = peak(&l, darker);
    if (strength == 0)
        return error_set(err, ERROR_NOTHING_DRAWN,
                         "nothing is drawn on the picture; send one with a digit on it");
    size_t floor = strength / 16 > 2 * l.noise ? strength / 16 : 2 * l.noise;
    out->flip = darker ? 255 : 0;
    out->base = (uint8_t)((l.background ^ out->flip) + floor);
    out->range = (uint8_t)(strength - floor);
    out->edge = (uint8_t)(out->base + out->range * 3 / 8);
    return true;
}

/* Leaves out at either end what holds less than a thousandth of the strokes: specks. */
static void find_side(struct side *out, const uint16_t *counts, size_t size, size_t total)
{
    size_t allowed = total / 1000, end = size, seen = 0;
    out->start = 0;
    while (seen + counts[out->start] <= allowed)
        seen += counts[out->start++];
    seen = 0;
    while (seen + counts[end - 1] <= allowed)
        seen += counts[--end];
    out->length = end - out->start;
}

static void find_box(struct box *out, const struct picture *in, const struct ink *ink)
{
    NOT_CLEARED uint16_t rows[IMAGE_SIDE_MAX];
    NOT_CLEARED uint16_t columns[IMAGE_SIDE_MAX];
    const uint8_t flip = ink->flip, edge = ink->edge;
    size_t total = 0;
    memset(columns, 0, in->width * sizeof *columns);
    for (size_t y = 0; y < in->height; y++) {
        const uint8_t *row = in->pixels + y * in->width;
        uint16_t count = 0;
        for (size_t x = 0; x < in->width; x++) {
            uint16_t inked = (row[x] ^ flip) > edge;
            columns[x] = (uint16_t)(columns[x] + inked);
            count = (uint16_t)(count + inked);
        }
        rows[y] = count;
        total += count;
    }
    find_side(&out->x, columns, in->width, total);
    find_side(&out->y, rows, in->height, total);
}

static inline uint8_t amount_of(uint8_t level, struct ink ink)
{
    level ^= ink.flip;
    uint8_t amount = (uint8_t)((level > ink.base ? level : ink.base) - ink.base);
    return amount < ink.range ? amount : ink.range;
}

/* The box's centre of mass. Of a tall box not every row is looked at; the centre is found well
 * within a hundredth of a pixel of the field all the same. */
static void weigh(struct box *box, const struct picture *in, struct ink ink)
{
    NOT_CLEARED uint16_t columns[IMAGE_SIDE_MAX];
    size_t every = box->y.length / WEIGHED_ROWS_MAX + 1, width = box->x.length;
    uint64_t mass = 0, x_moment = 0, y_moment = 0;
    memset(columns, 0, width * sizeof *columns);
    for (size_t y = 0; y < box->y.length; y += every) {
        const uint8_t *row = in->pixels + (box->y.start + y) * in->width + box->x.start;
        uint32_t row_mass = 0;
        for (size_t x = 0; x < width; x++) {
            uint8_t amount = amount_of(row[x], ink);
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
    double start = side->centre - middle * step;
    start = smaller(larger(start, (double)side->length - DIGIT_SIDE * step), 0.0);
    const double lowest = -(double)side->start, highest = (double)(size - side->start);
    for (size_t i = 0; i < DIGIT_SIDE; i++) {
        double from = start + (double)i * step, to = from + step;
        double first = larger(floor(from), lowest), last = smaller(ceil(to), highest);
        spans[i] = (struct span){.weights = weights};
        if (first >= last)
            continue;
        spans[i].first = (size_t)(first - lowest);
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
            uint8_t amount = amount_of(row[x], copy);
            sums[x] = (uint16_t)(sums[x] + (uint16_t)(amount * weight));
        }
    }
}

static void resample(float out[DIGIT_PIXELS], const struct picture *in, const struct ink *ink,
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
                sum += (uint32_t)sums[xs[j].first + k] * xs[j].weights[k];
            out[i * DIGIT_SIDE + j] = (float)sum * scale;
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

static void copy(float out[DIGIT_PIXELS], const struct picture *in, uint8_t flip)
{
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        out[i] = (float)(in->pixels[i] ^ flip) / 255.0f;
}

static bool is_digit_sized(const struct picture *in)
{
    return in->width == DIGIT_SIDE && in->height == DIGIT_SIDE;
}

/* Here the box is that of all ink, faint or not: it is what MNIST's makers scaled. */
static bool is_in_manner(const struct picture *in, const struct ink *ink)
{
    struct ink faint = *ink;
    struct box box;
    faint.edge = faint.base;
    if (!is_digit_sized(in) || ink->base > MANNER_BASE_MAX || ink->base + ink->range < LEVELS / 2)
        return false;
    find_box(&box, in, &faint);
    weigh(&box, in, faint);
    size_t longest = box.x.length > box.y.length ? box.x.length : box.y.length;
    return longest >= MANNER_SIDE_MIN && longest <= MANNER_SIDE_MAX &&
           fabs((double)box.x.start + box.x.centre - middle) <= 1.0 &&
           fabs((double)box.y.start + box.y.centre - middle) <= 1.0;
}

bool canvas_normalise(float out[DIGIT_PIXELS], const struct picture *in, enum canvas_mode mode,
                      struct error *err)
{
    struct ink ink;
    struct box box;
    if (in->width == 0 || in->height == 0)
        return error_set(err, ERROR_EMPTY_IMAGE, "the picture has no pixels");
    if (in->width > IMAGE_SIDE_MAX || in->height > IMAGE_SIDE_MAX)
        return error_set(err, ERROR_IMAGE_TOO_LARGE,
                         "the picture is %zux%zu; a side can have %d pixels at most", in->width,
                         in->height, IMAGE_SIDE_MAX);
    if (mode == CANVAS_NONE && !is_digit_sized(in))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "the picture is %zux%zu; without normalisation it must be %dx%d",
                         in->width, in->height, DIGIT_SIDE, DIGIT_SIDE);
    if (mode == CANVAS_NONE) {
        copy(out, in, 0);
        return true;
    }
    if (!find_ink(&ink, in, err))
        return false;
    if (mode == CANVAS_AUTO && is_in_manner(in, &ink)) {
        copy(out, in, ink.flip);
        return true;
    }
    find_box(&box, in, &ink);
    weigh(&box, in, ink);
    resample(out, in, &ink, &box);
    strengthen(out);
    return true;
}

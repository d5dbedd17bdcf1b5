/*
 * One picture at a time, in the order in which a drawing comes about: the hand (affine and elastic
 * maps), the pen (thickness, gaps), the camera (blur, contrast, noise). Pure functions; any thread.
 * Knows no network and no data set.
 */
#include "train/drawing/augment.h"

#include <math.h>
#include <string.h>

#include "train/drawing/scan.h"
#include "train/learning/amount.h"

enum {
    SIDE = DIGIT_SIDE,
    PADDED = SIDE + 2,    /* with a black border, so that a neighbour always is there */
    KNOT_EVERY = 7,       /* pixels between the knots of the elastic field */
    KNOTS = SIDE / 7 + 3, /* on an axis */
    TAPS = 4,             /* knots that a pixel depends on, on an axis */
    INK = 128,            /* a pixel above this lies within a stroke */
    BLUR_REACH = 2,
};

/* A field of random displacements, smooth as a uniform cubic B-spline is. */
struct field {
    float knots[KNOTS][KNOTS];
};

/* A picture with a border; the border stays black. */
struct canvas {
    float at[PADDED][PADDED];
};

static void load(struct canvas *to, const uint8_t in[DIGIT_PIXELS])
{
    memset(to, 0, sizeof *to);
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++)
            to->at[y + 1][x + 1] = (float)in[y * SIDE + x] / 255.0f;
}

/* ---- the hand ---- */

static void spline_weights(float weights[TAPS], float t)
{
    float u = 1.0f - t, t2 = t * t, t3 = t2 * t;
    weights[0] = u * u * u / 6.0f;
    weights[1] = (3.0f * t3 - 6.0f * t2 + 4.0f) / 6.0f;
    weights[2] = (-3.0f * t3 + 3.0f * t2 + 3.0f * t + 1.0f) / 6.0f;
    weights[3] = t3 / 6.0f;
}

/* A spline's values vary less than its knots: by this, on an axis. */
static const double spline_deviation = 0.692;

static void draw_field(struct field *f, double deviation, struct order_random *random)
{
    float scale = (float)(deviation / (spline_deviation * spline_deviation));
    for (size_t i = 0; i < KNOTS; i++)
        for (size_t k = 0; k < KNOTS; k++)
            f->knots[i][k] = scale * amount_normal(random);
}

static float field_at(const struct field *f, size_t y, size_t x, const float along[SIDE][TAPS])
{
    float sum = 0.0f;
    for (size_t i = 0; i < TAPS; i++) {
        const float *row = f->knots[y / KNOT_EVERY + i] + x / KNOT_EVERY;
        sum += along[y][i] * (along[x][0] * row[0] + along[x][1] * row[1] + along[x][2] * row[2] +
                              along[x][3] * row[3]);
    }
    return sum;
}

/* Bilinear; black outside. Coordinates count from the border. */
static float sample(const struct canvas *c, float y, float x)
{
    if (!(y >= 0.0f && x >= 0.0f && y < PADDED - 1 && x < PADDED - 1))
        return 0.0f;
    size_t top = (size_t)y, left = (size_t)x;
    float down = y - (float)top, right = x - (float)left;
    const float *a = c->at[top] + left, *b = c->at[top + 1] + left;
    return (1.0f - down) * (a[0] + right * (a[1] - a[0])) + down * (b[0] + right * (b[1] - b[0]));
}

/* Where the pixels of the new picture come from: source = matrix x pixel + offset. */
struct map {
    float xx, xy, yx, yy;
    float x, y;
};

static struct map draw_map(const struct augment *how, struct order_random *random)
{
    const double radians = 3.14159265358979 / 180.0, middle = (SIDE - 1) / 2.0;
    double angle = how->rotation * radians * amount_even(random);
    double wide = 1.0 + how->scale * amount_even(random),
           high = 1.0 + how->scale * amount_even(random);
    double shear = how->shear * amount_even(random);
    double right = how->shift * amount_even(random), down = how->shift * amount_even(random);
    double cosine = cos(angle), sine = sin(angle);
    struct map m = {
        .xx = (float)(cosine / wide),
        .xy = (float)((sine + shear * cosine) / wide),
        .yx = (float)(-sine / high),
        .yy = (float)((cosine - shear * sine) / high),
    };
    m.x = (float)(middle + 1.0 - m.xx * (middle + right) - m.xy * (middle + down));
    m.y = (float)(middle + 1.0 - m.yx * (middle + right) - m.yy * (middle + down));
    return m;
}

static void redraw(struct canvas *to, const struct canvas *from, const struct augment *how,
                   struct order_random *random)
{
    struct field dx, dy;
    float along[SIDE][TAPS];
    const struct map m = draw_map(how, random);
    draw_field(&dx, how->elastic, random);
    draw_field(&dy, how->elastic, random);
    for (size_t i = 0; i < SIDE; i++)
        spline_weights(along[i], (float)(i % KNOT_EVERY) / KNOT_EVERY);
    memset(to, 0, sizeof *to);
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++) {
            float fx = (float)x, fy = (float)y;
            to->at[y + 1][x + 1] =
                sample(from, m.yx * fx + m.yy * fy + m.y + field_at(&dy, y, x, along),
                       m.xx * fx + m.xy * fy + m.x + field_at(&dx, y, x, along));
        }
}

/* ---- the pen ---- */

/* The largest of a pixel and its four neighbours; the smallest where sign is -1. */
static float reach(const struct canvas *c, size_t y, size_t x, float sign)
{
    float most = sign * c->at[y][x];
    most = fmaxf(most, fmaxf(sign * c->at[y - 1][x], sign * c->at[y + 1][x]));
    most = fmaxf(most, fmaxf(sign * c->at[y][x - 1], sign * c->at[y][x + 1]));
    return sign * most;
}

/* Grey dilation, or erosion, by up to one pixel. */
static void thicken_a_little(struct canvas *c, float share, float sign)
{
    const struct canvas from = *c;
    for (size_t y = 1; y <= SIDE; y++)
        for (size_t x = 1; x <= SIDE; x++)
            c->at[y][x] += share * (reach(&from, y, x, sign) - from.at[y][x]);
}

/* Many strokes are two pixels wide: to lose one on each side would leave nothing of them. */
static const double thinning_max = 0.6;

static void thicken(struct canvas *c, double amount)
{
    const float sign = amount < 0.0 ? -1.0f : 1.0f;
    float left = (float)fabs(fmax(amount, -thinning_max));
    while (left > 0.0f) {
        thicken_a_little(c, fminf(left, 1.0f), sign);
        left -= 1.0f;
    }
}

/* Wipes a disc off a stroke. */
static void wipe(struct canvas *c, size_t spot, double radius)
{
    /* NOLINTNEXTLINE(bugprone-integer-division): rows are whole */
    double row = (double)(spot / SIDE + 1), column = (double)(spot % SIDE + 1);
    for (size_t y = 1; y <= SIDE; y++)
        for (size_t x = 1; x <= SIDE; x++) {
            double far = hypot((double)y - row, (double)x - column) - radius;
            c->at[y][x] *= (float)fmin(fmax(far + 0.5, 0.0), 1.0);
        }
}

static void leave_gap(struct canvas *c, struct order_random *random)
{
    uint16_t spots[DIGIT_PIXELS];
    size_t count = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        if (c->at[i / SIDE + 1][i % SIDE + 1] > (float)INK / 255.0f)
            spots[count++] = (uint16_t)i;
    double radius = 1.0 + amount_chance(random);
    uint64_t which = order_next(random);
    if (count > 0)
        wipe(c, spots[which % count], radius);
}

/* ---- the camera ---- */

static void blur_rows(struct canvas *c, const float weights[BLUR_REACH + 1])
{
    for (size_t y = 1; y <= SIDE; y++) {
        float row[PADDED + 2 * BLUR_REACH] = {0};
        memcpy(row + BLUR_REACH, c->at[y], sizeof c->at[y]);
        for (size_t x = 1; x <= SIDE; x++) {
            const float *p = row + BLUR_REACH + x;
            c->at[y][x] =
                weights[0] * p[0] + weights[1] * (p[-1] + p[1]) + weights[2] * (p[-2] + p[2]);
        }
    }
}

static void transpose(struct canvas *c)
{
    for (size_t y = 1; y <= SIDE; y++)
        for (size_t x = 1; x < y; x++) {
            float other = c->at[y][x];
            c->at[y][x] = c->at[x][y];
            c->at[x][y] = other;
        }
}

static void blur(struct canvas *c, double deviation)
{
    float weights[BLUR_REACH + 1], sum = 0.0f;
    for (int i = 0; i <= BLUR_REACH; i++) {
        weights[i] = (float)exp(-0.5 * i * i / (deviation * deviation));
        sum += i == 0 ? weights[i] : 2.0f * weights[i];
    }
    for (int i = 0; i <= BLUR_REACH; i++)
        weights[i] /= sum;
    blur_rows(c, weights);
    transpose(c);
    blur_rows(c, weights);
    transpose(c);
}

static void take(float out[DIGIT_PIXELS], const struct canvas *c)
{
    for (size_t y = 0; y < SIDE; y++)
        memcpy(out + y * SIDE, c->at[y + 1] + 1, SIDE * sizeof *out);
}

static void put(struct canvas *c, const float in[DIGIT_PIXELS])
{
    for (size_t y = 0; y < SIDE; y++)
        memcpy(c->at[y + 1] + 1, in + y * SIDE, SIDE * sizeof *in);
}

static void enlarge(struct canvas *c, struct order_random *random)
{
    float picture[DIGIT_PIXELS];
    take(picture, c);
    scan_enlarged(picture, (float)(1.0 + 3.0 * amount_chance(random)));
    put(c, picture);
}

static void develop(float picture[DIGIT_PIXELS], float gamma, float noise,
                    struct order_random *random)
{
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        float level = picture[i];
        if (level > 0.0f && gamma != 1.0f)
            level = powf(level, gamma);
        if (noise > 0.0f)
            level += noise * amount_normal(random);
        picture[i] = fminf(fmaxf(level, 0.0f), 1.0f);
    }
}

void augment_picture(float out[DIGIT_PIXELS], const uint8_t in[DIGIT_PIXELS],
                     const struct augment *how, struct order_random *random)
{
    struct canvas original, c;
    load(&original, in);
    redraw(&c, &original, how, random);
    double thickness = how->thickness * amount_even(random);
    if (thickness != 0.0)
        thicken(&c, thickness);
    if (amount_chance(random) < how->gaps)
        leave_gap(&c, random);
    if (amount_chance(random) < how->resample)
        enlarge(&c, random);
    double deviation = how->blur * amount_chance(random);
    if (deviation > 0.2) /* less would be lost between the pixels */
        blur(&c, deviation);
    take(out, &c);
    double gamma = pow(1.0 + how->contrast, amount_even(random));
    develop(out, (float)gamma, (float)(how->noise * amount_chance(random)), random);
    if (amount_chance(random) < how->jpeg)
        scan_jpeg(out, 30 + (int)amount_index(random, 61));
}

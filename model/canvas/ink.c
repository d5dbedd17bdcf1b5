/*
 * The levels of a picture. Pure functions over the caller's memory; any thread; nothing is
 * allocated.
 *
 * The border tells the background where it is of one level. Where strokes run into it, as they do
 * on a picture that was cut close, Otsu's threshold parts two classes, and the one that has more
 * of the border, the corners and the area is the background. The extremes of the rows tell how
 * strong the ink is.
 */
#include "model/canvas/ink.h"

#include <string.h>

#include "model/canvas/levels.h"

enum {
    CONTRAST_MIN = 16,
    NOISE_MAX = 24,
    SPREAD_MAX = 6,
    SAMPLES_MAX = 4096, /* of the area; more would not tell more */
};

struct levels {
    uint32_t border[LEVELS];
    uint32_t lowest[LEVELS];  /* how many rows have this level as their lowest */
    uint32_t highest[LEVELS]; /* ... highest */
    size_t background;
    size_t noise;
    size_t spread; /* of the middle half of the background */
    size_t reach;  /* of all of it, but for a sixteenth at either end */
};

static size_t count_between(const uint32_t histogram[LEVELS], size_t from, size_t to)
{
    size_t count = 0;
    for (size_t level = from; level < to; level++)
        count += histogram[level];
    return count;
}

static void count_border(uint32_t histogram[LEVELS], const struct picture *in)
{
    const uint8_t *bottom = in->pixels + (in->height - 1) * in->width;
    for (size_t x = 0; x < in->width; x++) {
        histogram[in->pixels[x]]++;
        histogram[bottom[x]]++;
    }
    for (size_t y = 0; y < in->height; y++) {
        histogram[in->pixels[y * in->width]]++;
        histogram[in->pixels[y * in->width + in->width - 1]]++;
    }
}

/* The background is the median of those border pixels; its noise is the spread of the middle half.
 */
static void measure_background(struct levels *l, const uint32_t histogram[LEVELS])
{
    size_t count = count_between(histogram, 0, LEVELS);
    l->background = level_at_rank(histogram, count / 2);
    l->spread = level_at_rank(histogram, count * 3 / 4) - level_at_rank(histogram, count / 4);
    l->noise = l->spread < NOISE_MAX ? l->spread : NOISE_MAX;
    l->reach =
        level_at_rank(histogram, count - 1 - count / 16) - level_at_rank(histogram, count / 16);
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

static void sample_area(uint32_t histogram[LEVELS], const struct picture *in)
{
    size_t count = in->width * in->height, every = count / SAMPLES_MAX + 1;
    /* Not a divisor of the width, which would look at a few columns only. */
    every += every > 1 && in->width % every == 0;
    for (size_t i = 0; i < count; i += every)
        histogram[in->pixels[i]]++;
}

/* The first level of the upper of two classes (Otsu 1979). */
static size_t split(const uint32_t histogram[LEVELS])
{
    double total = 0, sum = 0, below = 0, sum_below = 0, best = -1;
    size_t at = LEVELS / 2;
    for (size_t level = 0; level < LEVELS; level++) {
        total += histogram[level];
        sum += (double)level * histogram[level];
    }
    for (size_t level = 0; level + 1 < LEVELS; level++) {
        below += histogram[level];
        sum_below += (double)level * histogram[level];
        if (below == 0 || below == total)
            continue;
        double apart = sum_below / below - (sum - sum_below) / (total - below);
        double between = below * (total - below) * apart * apart;
        if (between > best) {
            best = between;
            at = level + 1;
        }
    }
    return at;
}

static double share_below(const uint32_t histogram[LEVELS], size_t level)
{
    size_t count = count_between(histogram, 0, LEVELS);
    return (double)count_between(histogram, 0, level) / (double)count;
}

static double corners_below(const struct picture *in, size_t level)
{
    const uint8_t *last = in->pixels + (in->height - 1) * in->width;
    size_t right = in->width - 1;
    return 0.25 * (double)((in->pixels[0] < level) + (in->pixels[right] < level) +
                           (last[0] < level) + (last[right] < level));
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

/* Parts background and ink by their share; `border` is how much the border's word counts. Returns
 * whether ink is darker. */
static bool weigh_classes(struct levels *l, const struct picture *in, double border)
{
    uint32_t area[LEVELS] = {0}, background[LEVELS] = {0};
    sample_area(area, in);
    size_t at = split(area);
    double dark =
        share_below(area, at) + border * (share_below(l->border, at) + 0.5 * corners_below(in, at));
    bool darker = dark < 0.5 * (1 + 1.5 * border);
    const uint32_t *from = border > 0 ? l->border : area;
    size_t start = darker ? at : 0, end = darker ? LEVELS : at;
    if (count_between(from, start, end) == 0)
        from = area;
    memcpy(background + start, from + start, (end - start) * sizeof *from);
    measure_background(l, background);
    return darker;
}

/* How many rows reach that far from the background. */
static size_t rows_at(const struct levels *l, bool darker, size_t strength)
{
    return darker ? l->lowest[l->background - strength] : l->highest[l->background + strength];
}

/* How far ink is from the background: what the strongest quarter of the rows with ink reach, so
 * that a few specks do not set the scale. 0 where there is no ink. */
static size_t peak(const struct levels *l, bool darker)
{
    const size_t furthest = darker ? l->background : LEVELS - 1 - l->background;
    const size_t least = CONTRAST_MIN + 3 * l->noise;
    size_t rows = 0, strength = furthest;
    for (size_t at = least; at <= furthest; at++)
        rows += rows_at(l, darker, at);
    if (rows == 0)
        return 0;
    for (size_t seen = rows_at(l, darker, strength); seen <= rows / 4 && strength > least;)
        seen += rows_at(l, darker, --strength);
    return strength;
}

static bool set_ink(struct ink *out, const struct levels *l, bool darker)
{
    size_t strength = peak(l, darker);
    out->is_even = l->spread <= SPREAD_MAX && peak(l, !darker) * 3 <= strength;
    if (strength == 0)
        return false;
    size_t floor = strength / 16 > 2 * l->noise ? strength / 16 : 2 * l->noise;
    out->flip = darker ? 255 : 0;
    out->base = (uint8_t)((l->background ^ out->flip) + floor);
    out->range = (uint8_t)(strength - floor);
    out->edge = (uint8_t)(out->base + out->range * 3 / 8);
    return true;
}

bool ink_find(struct ink *out, const struct picture *in)
{
    struct levels l = {0};
    count_border(l.border, in);
    measure_background(&l, l.border);
    measure_rows(&l, in);
    out->by_border = l.reach <= 2 * CONTRAST_MIN;
    return set_ink(out, &l, out->by_border ? is_darker(&l) : weigh_classes(&l, in, 1.0));
}

bool ink_find_within(struct ink *out, const struct picture *in)
{
    struct levels l = {0};
    count_border(l.border, in);
    measure_rows(&l, in);
    out->by_border = false;
    return set_ink(out, &l, weigh_classes(&l, in, 0.0));
}

void ink_raise(struct ink *ink)
{
    const uint8_t faint = ink->range / 8;
    ink->base = (uint8_t)(ink->base + faint);
    ink->range = (uint8_t)(ink->range - faint);
    ink->edge = (uint8_t)(ink->base + ink->range * 3 / 8);
}

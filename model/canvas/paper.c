/*
 * What light did to paper is taken off again. Over a coarse grid of blocks, the paper's level is
 * what most of a block's lighter pixels have. A morphological closing (Serra 1982) with a window of
 * a quarter of the picture fills it in where strokes cover all of a block, and leaves gradients and
 * the edges of shadows. What a pixel is then is its share of its paper. Any thread; allocates.
 */
#include "model/canvas/paper.h"

#include <stdlib.h>
#include <string.h>

#include "model/canvas/levels.h"

enum {
    SIDE_MAX = 480,       /* a digit is far smaller than that needs */
    SMOOTH_SIDE_MIN = 96, /* below, strokes are too thin to be smoothed */
    GRID_SIDE = 40,
    PAPER_MIN = 128,
    GRID_MAX = GRID_SIDE * GRID_SIDE,
};

/* The paper's levels, one for each block of side x side pixels. */
struct grid {
    size_t side, width, height;
    uint8_t cells[GRID_MAX];
};

/* What a block is to its cell: it has `count` pixels. */
typedef uint8_t block_level(const uint32_t histogram[LEVELS], size_t count);

static void reduce(struct picture *out, const struct picture *in, size_t scale)
{
    const size_t area = scale * scale;
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++) {
            const uint8_t *from = in->pixels + y * scale * in->width + x * scale;
            size_t sum = area / 2;
            for (size_t k = 0; k < scale; k++)
                for (size_t i = 0; i < scale; i++)
                    sum += from[k * in->width + i];
            out->pixels[y * out->width + x] = (uint8_t)(sum / area);
        }
}

/* Weights 1, 2, 1 along a line of pixels that lie `step` apart, in place. */
static void smooth_line(uint8_t *line, size_t count, size_t step)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): lay_grid has filled it */
    unsigned before = line[0];
    for (size_t i = 0; i < count; i++) {
        unsigned here = line[i * step], after = i + 1 < count ? line[(i + 1) * step] : here;
        line[i * step] = (uint8_t)((before + 2 * here + after + 2) / 4);
        before = here;
    }
}

static void smooth(uint8_t *pixels, size_t width, size_t height)
{
    for (size_t y = 0; y < height; y++)
        smooth_line(pixels + y * width, width, 1);
    for (size_t x = 0; x < width; x++)
        smooth_line(pixels + x, height, width);
}

static uint8_t mean(const uint32_t histogram[LEVELS], size_t count)
{
    size_t sum = 0;
    for (size_t level = 1; level < LEVELS; level++)
        sum += level * histogram[level];
    return (uint8_t)(sum / count);
}

/* A fifth of the pixels are above it. */
static uint8_t upper(const uint32_t histogram[LEVELS], size_t count)
{
    return (uint8_t)level_at_rank(histogram, count * 4 / 5);
}

static uint8_t level_of(block_level *of, const struct picture *p, size_t left, size_t top,
                        size_t side, uint8_t flip)
{
    uint32_t histogram[LEVELS] = {0};
    const size_t right = left + side < p->width ? left + side : p->width;
    const size_t bottom = top + side < p->height ? top + side : p->height;
    for (size_t y = top; y < bottom; y++)
        for (size_t x = left; x < right; x++)
            histogram[p->pixels[y * p->width + x] ^ flip]++;
    return of(histogram, (right - left) * (bottom - top));
}

/* The largest of a line's neighbours within `reach`; or the smallest, with `flip` 255. */
static void spread_line(uint8_t *line, size_t count, size_t step, size_t reach, uint8_t flip)
{
    uint8_t old[GRID_SIDE];
    for (size_t i = 0; i < count; i++)
        old[i] = line[i * step] ^ flip;
    for (size_t i = 0; i < count; i++) {
        size_t from = i > reach ? i - reach : 0, to = i + reach < count ? i + reach : count - 1;
        uint8_t most = 0;
        for (size_t k = from; k <= to; k++)
            most = old[k] > most ? old[k] : most;
        line[i * step] = most ^ flip;
    }
}

static void spread(struct grid *g, size_t reach, uint8_t flip)
{
    for (size_t y = 0; y < g->height; y++)
        spread_line(g->cells + y * g->width, g->width, 1, reach, flip);
    for (size_t x = 0; x < g->width; x++)
        spread_line(g->cells + x, g->height, g->width, reach, flip);
}

/* `flip` turns light and dark. */
static void lay_grid(struct grid *g, const struct picture *p, block_level *of, uint8_t flip)
{
    const size_t longest = p->width > p->height ? p->width : p->height;
    g->side = (longest + GRID_SIDE - 1) / GRID_SIDE;
    g->side = g->side < 2 ? 2 : g->side;
    g->width = (p->width + g->side - 1) / g->side;
    g->height = (p->height + g->side - 1) / g->side;
    for (size_t y = 0; y < g->height; y++)
        for (size_t x = 0; x < g->width; x++)
            g->cells[y * g->width + x] = level_of(of, p, x * g->side, y * g->side, g->side, flip);
}

/* The slope of the cells along one axis, a level a cell: `step` is how far apart neighbours lie. */
static double slope(const struct grid *g, size_t length, size_t step, size_t lines, size_t next)
{
    double moment = 0, inertia = 0, middle = (double)(length - 1) / 2;
    for (size_t k = 0; k < lines; k++)
        for (size_t i = 0; i < length; i++) {
            moment += ((double)i - middle) * g->cells[k * next + i * step];
            inertia += ((double)i - middle) * ((double)i - middle);
        }
    return inertia > 0 ? moment / inertia : 0;
}

/* Adds a plane that is 0 in the middle. */
static void tilt(struct grid *g, double by_x, double by_y)
{
    for (size_t y = 0; y < g->height; y++)
        for (size_t x = 0; x < g->width; x++) {
            uint8_t *cell = &g->cells[y * g->width + x];
            double level = *cell + by_x * ((double)x - (double)(g->width - 1) / 2) +
                           by_y * ((double)y - (double)(g->height - 1) / 2) + 0.5;
            *cell = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
        }
}

/* The closing is of what differs from the plane through the levels: a slope that ends at the border
 * would be a valley to it. */
static void find_paper(struct grid *g, const struct picture *p, uint8_t flip)
{
    lay_grid(g, p, upper, flip);
    const size_t reach = (g->width > g->height ? g->width : g->height) / 8;
    const double by_x = slope(g, g->width, 1, g->height, g->width);
    const double by_y = slope(g, g->height, g->width, g->width, 1);
    tilt(g, -by_x, -by_y);
    spread(g, reach, 0);
    spread(g, reach, 255);
    tilt(g, by_x, by_y);
    smooth(g->cells, g->width, g->height);
}

/* Which cell's middle is at or before each pixel of an axis, and how far on the way to the next
 * cell it is, in 16ths. */
struct axis {
    uint8_t cell[SIDE_MAX];
    uint8_t way[SIDE_MAX];
};

static void lay_axis(struct axis *out, size_t length, size_t side)
{
    for (size_t i = 0; i < length; i++) {
        size_t from_middle = i > side / 2 ? i - side / 2 : 0;
        out->cell[i] = (uint8_t)(from_middle / side);
        out->way[i] = (uint8_t)(from_middle % side * 16 / side);
    }
}

/* The paper along a row of pixels, between the middles of the blocks around it. */
static void paper_along(uint8_t *out, const struct grid *g, size_t width, size_t y,
                        const struct axis *columns, const struct axis *rows)
{
    unsigned cells[GRID_SIDE + 1];
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): there is a row y */
    const uint8_t *upper = g->cells + rows->cell[y] * g->width;
    const uint8_t *lower = rows->cell[y] + 1u < g->height ? upper + g->width : upper;
    for (size_t i = 0; i < g->width; i++)
        cells[i] = upper[i] * (16u - rows->way[y]) + lower[i] * (unsigned)rows->way[y];
    /* cppcheck-suppress uninitvar; a grid has a block at least */
    cells[g->width] = cells[g->width - 1]; /* NOLINT(clang-analyzer-core.uninitialized.Assign) */
    for (size_t x = 0; x < width; x++) {
        const unsigned *cell = cells + columns->cell[x];
        out[x] = (uint8_t)((cell[0] * (16u - columns->way[x]) + cell[1] * columns->way[x]) / 256);
    }
}

/* Ink is the lesser part of what is around it: where it is dark, the levels' distances from the
 * mean of their surroundings are skewed to that side. Makes the blocks' means smoother. */
static bool is_darker(const struct picture *p, struct grid *means, const struct axis *columns,
                      const struct axis *rows)
{
    NOT_CLEARED uint8_t around[SIDE_MAX];
    int64_t skew = 0;
    for (size_t i = 0; i < GRID_SIDE / 2; i++)
        smooth(means->cells, means->width, means->height);
    for (size_t y = 0; y < p->height; y++) {
        paper_along(around, means, p->width, y, columns, rows);
        for (size_t x = 0; x < p->width; x++) {
            int apart = p->pixels[y * p->width + x] - around[x];
            skew += apart * apart * apart;
        }
    }
    return skew < 0;
}

/* Fills `out` with the pixels as shares of their paper, white; but of a dark paper, which would
 * make much of its noise, with their distances from it. */
static void divide(uint8_t *out, const struct picture *p, const struct grid *g, uint8_t flip,
                   const struct axis *columns, const struct axis *rows)
{
    NOT_CLEARED uint8_t paper[SIDE_MAX];
    for (size_t y = 0; y < p->height; y++) {
        paper_along(paper, g, p->width, y, columns, rows);
        for (size_t x = 0; x < p->width; x++) {
            const uint8_t level = p->pixels[y * p->width + x] ^ flip;
            const unsigned ink = level < paper[x] ? paper[x] - level : 0;
            const unsigned whole = paper[x] > PAPER_MIN ? paper[x] : PAPER_MIN;
            out[y * p->width + x] = (uint8_t)(255 - ink * 255 / whole);
        }
    }
}

bool paper_flatten(struct picture *out, size_t *scale, const struct picture *in)
{
    const size_t longest = in->width > in->height ? in->width : in->height;
    *scale = (longest + SIDE_MAX - 1) / SIDE_MAX;
    *out = (struct picture){in->width / *scale, in->height / *scale, NULL};
    if (out->width == 0 || out->height == 0)
        return false;
    struct grid g;
    struct axis columns, rows;
    struct picture small = *out;
    out->pixels = malloc(out->width * out->height);
    small.pixels = malloc(out->width * out->height);
    bool good = out->pixels != NULL && small.pixels != NULL;
    if (good) {
        reduce(&small, in, *scale);
        if (longest >= SMOOTH_SIDE_MIN)
            smooth(small.pixels, small.width, small.height);
        lay_grid(&g, &small, mean, 0);
        lay_axis(&columns, small.width, g.side);
        lay_axis(&rows, small.height, g.side);
        const uint8_t flip = is_darker(&small, &g, &columns, &rows) ? 0 : 255;
        find_paper(&g, &small, flip);
        divide(out->pixels, &small, &g, flip, &columns, &rows);
    }
    free(small.pixels);
    if (!good)
        image_free(out);
    return good;
}

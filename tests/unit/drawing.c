/*
 * Strokes are polylines; a pixel is covered by how near its middle is to one.
 */
#include "tests/unit/drawing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 12 };

static const struct {
    size_t count;
    double points[POINTS_MAX][2];
} digits[] = {
    {9,
     {{.5, 0}, {.2, .15}, {.1, .5}, {.2, .85}, {.5, 1}, {.7, .85}, {.75, .5}, {.7, .15}, {.5, 0}}},
    {3, {{.3, .2}, {.5, 0}, {.5, 1}}},
    {8, {{.1, .3}, {.2, .1}, {.45, 0}, {.7, .1}, {.75, .3}, {.6, .55}, {.1, 1}, {.8, .95}}},
    {9,
     {{.1, .1}, {.4, 0}, {.7, .15}, {.65, .4}, {.35, .48}, {.7, .6}, {.7, .85}, {.4, 1}, {.1, .9}}},
    {6, {{.45, 0}, {.1, .6}, {.75, .6}, {.6, .6}, {.6, .25}, {.6, 1}}},
    {8, {{.7, 0}, {.2, 0}, {.15, .45}, {.5, .4}, {.75, .6}, {.7, .85}, {.4, 1}, {.1, .9}}},
    {8, {{.6, 0}, {.25, .3}, {.1, .7}, {.3, 1}, {.65, .95}, {.7, .7}, {.45, .55}, {.15, .7}}},
    {3, {{.1, 0}, {.75, 0}, {.35, 1}}},
    {10,
     {{.4, .47},
      {.15, .25},
      {.4, 0},
      {.65, .2},
      {.4, .47},
      {.1, .8},
      {.4, 1},
      {.7, .8},
      {.45, .5},
      {.4, .47}}},
    {7, {{.7, .2}, {.4, 0}, {.15, .25}, {.4, .5}, {.7, .3}, {.7, .2}, {.6, 1}}},
};

struct picture drawing_blank(size_t width, size_t height, uint8_t level)
{
    struct picture p = {width, height, malloc(width * height)};
    if (p.pixels == NULL)
        abort();
    memset(p.pixels, level, width * height);
    return p;
}

/* How far a pixel is from the line between two points. */
static double distance(const double from[2], const double to[2], double x, double y)
{
    double dx = to[0] - from[0], dy = to[1] - from[1];
    double along = ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy);
    along = fmin(fmax(along, 0), 1);
    return hypot(x - from[0] - along * dx, y - from[1] - along * dy);
}

void drawing_stroke(struct picture *p, const struct drawing_pen *pen, const double (*points)[2],
                    size_t count)
{
    for (size_t i = 0; i < p->width * p->height; i++) {
        double x = ((double)(i % p->width) + 0.5 - pen->left) / pen->size;
        double y = ((double)(i / p->width) + 0.5 - pen->top) / pen->size;
        double nearest = HUGE_VAL;
        for (size_t k = 0; k + 1 < count; k++)
            nearest = fmin(nearest, distance(points[k], points[k + 1], x, y));
        double cover = fmin(fmax(pen->thickness / 2 - nearest * pen->size + 0.5, 0), 1);
        p->pixels[i] = (uint8_t)lround(p->pixels[i] + (pen->ink - p->pixels[i]) * cover);
    }
}

void drawing_digit(struct picture *p, const struct drawing_pen *pen, int digit)
{
    drawing_stroke(p, pen, digits[digit].points, digits[digit].count);
}

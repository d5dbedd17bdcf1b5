/*
 * From skeletons to ink. Pure functions over the caller's memory; any thread. Knows no network.
 */
#include "train/drawing/pen.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "train/drawing/within.h"
#include "train/learning/amount.h"

enum {
    STROKE_MAX = 16, /* points of a stroke before its curves are divided */
    PARTS = 7,       /* that a curve between two points is divided into */
};

/* One stroke's points, in hundredths of the skeleton's box. */
struct stroke {
    float x[STROKE_MAX], y[STROKE_MAX];
    uint8_t is_corner[STROKE_MAX];
    unsigned count;
};

/* A smooth curve through its points (Catmull and Rom, "A Class of Local Interpolating Splines",
 * 1974): where it is between b and c. */
static float spline(float a, float b, float c, float d, float t)
{
    return b +
           0.5f * t *
               (c - a + t * (2.0f * a - 5.0f * b + 4.0f * c - d + t * (3.0f * (b - c) + d - a)));
}

static void add_point(struct pen_path *out, float x, float y, bool is_down)
{
    assert(out->count < PEN_POINTS_MAX);
    out->points[out->count++] = (struct pen_point){.x = x, .y = y, .is_down = is_down};
}

static void add_stroke(struct pen_path *out, const struct stroke *s)
{
    add_point(out, s->x[0], s->y[0], false);
    for (unsigned i = 0; i + 1 < s->count; i++) {
        /* At a corner and at an end, the curve runs straight on. */
        unsigned before = i == 0 || s->is_corner[i] ? i : i - 1;
        unsigned after = i + 2 == s->count || s->is_corner[i + 1] ? i + 1 : i + 2;
        bool is_straight = before == i && after == i + 1;
        for (unsigned k = is_straight ? PARTS : 1; k <= PARTS; k++) {
            float t = (float)k / PARTS;
            add_point(out, spline(s->x[before], s->x[i], s->x[i + 1], s->x[after], t),
                      spline(s->y[before], s->y[i], s->y[i + 1], s->y[after], t), true);
        }
    }
}

static float two_digits(const char *text)
{
    assert(text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9');
    return (float)((text[0] - '0') * 10 + text[1] - '0');
}

/* Reads one stroke, its points moved a little; returns what follows it. */
static const char *read_stroke(struct stroke *out, const char *text, float unsteady,
                               struct order_random *random)
{
    for (out->count = 0; *text != '\0' && *text != '|'; out->count++) {
        assert(out->count < STROKE_MAX);
        text += *text == ' ';
        out->is_corner[out->count] = *text == '^';
        text += *text == '^';
        out->x[out->count] = two_digits(text) + unsteady * amount_normal(random);
        out->y[out->count] = two_digits(text + 2) + unsteady * amount_normal(random);
        text += 4;
    }
    assert(out->count >= 2);
    return text + (*text == '|');
}

/* How a hand holds its pen. */
struct hand {
    float xx, xy, yx, yy; /* paper = matrix x (point - 50) + the middle */
    float radius;
};

static struct hand draw_hand(struct order_random *random)
{
    const double side = 0.7 * PEN_SIDE / 99, turn = 0.1 * amount_even(random);
    const double slant = 0.25 * amount_even(random), wide = 0.45 + 0.6 * amount_chance(random);
    /* A pen may be thin or a marker: all orders of size are as likely. */
    const double radius = 0.012 * exp(2.1 * amount_chance(random)) * PEN_SIDE;
    return (struct hand){
        .xx = (float)(side * wide * cos(turn)),
        .xy = (float)(side * (-slant * cos(turn) - sin(turn))),
        .yx = (float)(side * wide * sin(turn)),
        .yy = (float)(side * (cos(turn) - slant * sin(turn))),
        .radius = (float)radius,
    };
}

/* Brings the path onto the paper. Pressure grows or fades along it. */
static void put_down(struct pen_path *path, struct order_random *random)
{
    const struct hand h = draw_hand(random);
    const float first = 1.0f + 0.3f * (float)amount_even(random);
    const float last = 1.0f + 0.3f * (float)amount_even(random);
    for (unsigned i = 0; i < path->count; i++) {
        struct pen_point *p = &path->points[i];
        float x = p->x - 50.0f, y = p->y - 50.0f, along = (float)i / (float)path->count;
        p->x = PEN_SIDE / 2.0f + h.xx * x + h.xy * y;
        p->y = PEN_SIDE / 2.0f + h.yx * x + h.yy * y;
        p->radius = h.radius * (first + along * (last - first));
    }
}

void pen_follow(struct pen_path *out, const char *strokes, struct order_random *random)
{
    const float unsteady = (float)(1.0 + 4.0 * amount_chance(random));
    out->count = 0;
    while (*strokes != '\0') {
        struct stroke s;
        strokes = read_stroke(&s, strokes, unsteady, random);
        add_stroke(out, &s);
    }
    put_down(out, random);
}

void pen_scribble(struct pen_path *out, unsigned turns, struct order_random *random)
{
    struct stroke s = {.count = turns};
    assert(turns >= 2 && turns <= STROKE_MAX);
    for (unsigned i = 0; i < turns; i++) {
        s.x[i] = (float)(100.0 * amount_chance(random));
        s.y[i] = (float)(100.0 * amount_chance(random));
    }
    out->count = 0;
    add_stroke(out, &s);
    put_down(out, random);
}

/* ---- ink ---- */

static size_t pixel_at(float value)
{
    return (size_t)within(value, 0.0f, PEN_SIDE - 1);
}

/* A line from a to b, as thick as a's and b's pens are. */
static void ink_line(uint8_t paper[PEN_SIDE * PEN_SIDE], const struct pen_point *a,
                     const struct pen_point *b)
{
    const float dx = b->x - a->x, dy = b->y - a->y, squares = dx * dx + dy * dy + 1e-6f;
    const float reach = fmaxf(a->radius, b->radius) + 1.0f;
    const size_t top = pixel_at(fminf(a->y, b->y) - reach);
    const size_t bottom = pixel_at(fmaxf(a->y, b->y) + reach);
    const size_t left = pixel_at(fminf(a->x, b->x) - reach);
    const size_t right = pixel_at(fmaxf(a->x, b->x) + reach);
    for (size_t y = top; y <= bottom; y++)
        for (size_t x = left; x <= right; x++) {
            float px = (float)x + 0.5f - a->x, py = (float)y + 0.5f - a->y;
            float along = within((px * dx + py * dy) / squares, 0.0f, 1.0f);
            float ox = px - along * dx, oy = py - along * dy;
            float radius = a->radius + along * (b->radius - a->radius);
            float level = within(radius + 0.5f - sqrtf(ox * ox + oy * oy), 0.0f, 1.0f);
            uint8_t *pixel = &paper[y * PEN_SIDE + x];
            uint8_t ink = (uint8_t)(255.0f * level);
            *pixel = ink > *pixel ? ink : *pixel;
        }
}

void pen_ink(uint8_t paper[PEN_SIDE * PEN_SIDE], const struct pen_path *path)
{
    memset(paper, 0, PEN_SIDE * PEN_SIDE);
    for (unsigned i = 1; i < path->count; i++)
        if (path->points[i].is_down)
            ink_line(paper, &path->points[i - 1], &path->points[i]);
}

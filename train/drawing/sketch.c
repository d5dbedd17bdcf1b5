/*
 * Papers, and what stands on them, brought to 28x28 as the server does it. Pure functions; any
 * thread.
 */
#include "train/drawing/sketch.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model/canvas.h"
#include "train/drawing/glyphs.h"
#include "train/drawing/pen.h"
#include "train/learning/amount.h"

enum { SIDE = PEN_SIDE, PIXELS = PEN_SIDE * PEN_SIDE };

/* A picture without ink stays black. */
static void look_at(uint8_t out[DIGIT_PIXELS], uint8_t *pixels, size_t width, size_t height)
{
    const struct picture picture = {width, height, pixels};
    float field[DIGIT_PIXELS];
    struct error err = {0};
    if (!canvas_normalise(field, &picture, CANVAS_MNIST, &err))
        memset(field, 0, sizeof field);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        out[i] = (uint8_t)(field[i] * 255.0f + 0.5f);
}

static void draw(uint8_t out[DIGIT_PIXELS], const struct pen_path *path)
{
    uint8_t paper[PIXELS];
    pen_ink(paper, path);
    look_at(out, paper, SIDE, SIDE);
}

uint8_t sketch_digit(uint8_t out[DIGIT_PIXELS], struct order_random *random)
{
    struct pen_path path;
    const struct glyph *glyph = &glyphs_digits[amount_index(random, glyphs_digits_count)];
    pen_follow(&path, glyph->strokes, random);
    draw(out, &path);
    return glyph->label;
}

/* ---- what is no digit ---- */

static void draw_sign(uint8_t out[DIGIT_PIXELS], const struct mnist *set,
                      struct order_random *random)
{
    struct pen_path path;
    (void)set;
    pen_follow(&path, glyphs_others[amount_index(random, glyphs_others_count)].strokes, random);
    draw(out, &path);
}

static void draw_scribble(uint8_t out[DIGIT_PIXELS], const struct mnist *set,
                          struct order_random *random)
{
    struct pen_path path;
    (void)set;
    pen_scribble(&path, 8 + (unsigned)amount_index(random, 8), random);
    draw(out, &path);
}

/* A few waves on each other: cloth, walls, leaves; from smooth to black and white. */
static void draw_texture(uint8_t out[DIGIT_PIXELS], const struct mnist *set,
                         struct order_random *random)
{
    enum { WAVES = 4 };
    uint8_t paper[PIXELS];
    float fx[WAVES], fy[WAVES], phase[WAVES];
    const float noise = (float)(0.5 * amount_chance(random));
    const float gain = (float)exp(3.0 * amount_chance(random));
    (void)set;
    for (size_t i = 0; i < WAVES; i++) {
        fx[i] = (float)(0.5 * amount_even(random));
        fy[i] = (float)(0.5 * amount_even(random));
        phase[i] = (float)(7.0 * amount_chance(random));
    }
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++) {
            float sum = noise * amount_normal(random);
            for (size_t i = 0; i < WAVES; i++)
                sum += 0.25f * sinf(fx[i] * (float)x + fy[i] * (float)y + phase[i]);
            float level = 127.5f + 127.5f * gain * sum;
            paper[y * SIDE + x] = (uint8_t)fminf(fmaxf(level, 0.0f), 255.0f);
        }
    look_at(out, paper, SIDE, SIDE);
}

static const uint8_t *any_digit(const struct mnist *set, uint8_t *label,
                                struct order_random *random)
{
    size_t index = amount_index(random, set->count);
    *label = set->labels[index];
    return set->pixels + index * DIGIT_PIXELS;
}

/* Two digits that nearly touch, or do. */
static void draw_pair(uint8_t out[DIGIT_PIXELS], const struct mnist *set,
                      struct order_random *random)
{
    enum { WIDE = 2 * DIGIT_SIDE };
    uint8_t paper[DIGIT_SIDE * WIDE] = {0}, label;
    const size_t apart = 13 + amount_index(random, 6);
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *digit = any_digit(set, &label, random);
        for (size_t k = 0; k < DIGIT_PIXELS; k++) {
            uint8_t *p = &paper[k / DIGIT_SIDE * WIDE + 4 + k % DIGIT_SIDE + i * apart];
            *p = digit[k] > *p ? digit[k] : *p;
        }
    }
    look_at(out, paper, WIDE, DIGIT_SIDE);
}

/* A digit that lies on its side. 0 and 8 may look upright there, 1 like a dash, 6 and 9 like a
 * letter that many would take for a digit: they are left out. */
static void draw_fallen(uint8_t out[DIGIT_PIXELS], const struct mnist *set,
                        struct order_random *random)
{
    static const bool falls[DIGIT_CLASSES] = {
        [2] = true, [3] = true, [4] = true, [5] = true, [7] = true};
    const bool to_the_left = order_next(random) & 1;
    const uint8_t *digit;
    uint8_t label;
    do
        digit = any_digit(set, &label, random);
    while (!falls[label]);
    for (size_t y = 0; y < DIGIT_SIDE; y++)
        for (size_t x = 0; x < DIGIT_SIDE; x++) {
            size_t turned = to_the_left ? x * DIGIT_SIDE + DIGIT_SIDE - 1 - y
                                        : (DIGIT_SIDE - 1 - x) * DIGIT_SIDE + y;
            out[y * DIGIT_SIDE + x] = digit[turned];
        }
}

void sketch_other(uint8_t out[DIGIT_PIXELS], const struct mnist *set, struct order_random *random)
{
    static const struct {
        double share; /* of all, those above included */
        void (*draw)(uint8_t *out, const struct mnist *set, struct order_random *random);
    } kinds[] = {{0.5, draw_sign},
                 {0.7, draw_scribble},
                 {0.8, draw_texture},
                 {0.9, draw_pair},
                 {1.0, draw_fallen}};
    const double which = amount_chance(random);
    size_t i = 0;
    while (which >= kinds[i].share)
        i++;
    kinds[i].draw(out, set, random);
}

/*
 * Uneven light: whatever lies between the paper and the camera, the digit that comes of it is much
 * the same as on an even white; and pictures that were cut close, where the border is no guide.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/canvas.h"
#include "tests/unit/drawing.h"

enum { WIDTH = 320, HEIGHT = 240 };

static const struct drawing_pen pen = {110, 50, 120, 12, 60};

/* The share of light that reaches a place: x and y are 0..1. */
typedef double light(double x, double y);

static double slope(double x, double y)
{
    return 1 - 0.45 * x - 0.2 * y;
}

static double vignette(double x, double y)
{
    return 1 - 0.9 * ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5));
}

static double shadow(double x, double y)
{
    return 1 - 0.4 / (1 + exp((0.62 - x - 0.4 * y) * 25)); /* no shadow's edge is sharp */
}

static double corner(double x, double y)
{
    return x + y > 1.6 ? 0.5 : 1 - 0.1 * x;
}

static light *const lights[] = {slope, vignette, shadow, corner};

static void shine(struct picture *p, light *l, int noise)
{
    for (size_t i = 0; i < p->width * p->height; i++) {
        double x = (double)(i % p->width) / (double)p->width;
        double y = (double)(i / p->width) / (double)p->height;
        double level = p->pixels[i] * l(x, y) + (noise > 0 ? rand() % (2 * noise) - noise : 0);
        p->pixels[i] = (uint8_t)fmin(fmax(level, 0), 255);
    }
}

static void normalise(float out[DIGIT_PIXELS], const struct picture *p)
{
    struct error err = {0};
    if (!canvas_normalise(out, p, CANVAS_AUTO, &err))
        fail_msg("%zux%zu: %s", p->width, p->height, err.text);
}

static double difference(const float a[DIGIT_PIXELS], const float b[DIGIT_PIXELS])
{
    double sum = 0, mass = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        sum += fabs((double)a[i] - (double)b[i]);
        mass += (double)a[i];
    }
    return sum / mass;
}

/* The digit in that light, and in an even one. */
static double apart(int digit, light *l, int noise, uint8_t flip)
{
    float even[DIGIT_PIXELS], out[DIGIT_PIXELS];
    struct picture p = drawing_blank(WIDTH, HEIGHT, 220);
    drawing_digit(&p, &pen, digit);
    normalise(even, &p);
    shine(&p, l, noise);
    for (size_t i = 0; i < WIDTH * HEIGHT; i++)
        p.pixels[i] ^= flip;
    normalise(out, &p);
    image_free(&p);
    return difference(even, out);
}

static void light_makes_little_difference(void **state)
{
    (void)state;
    srand(4);
    for (int digit = 0; digit < 10; digit++)
        for (size_t i = 0; i < sizeof lights / sizeof *lights; i++)
            for (int noise = 0; noise < 18; noise += 8)
                for (unsigned flip = 0; flip < 256; flip += 255) {
                    double d = apart(digit, lights[i], noise, (uint8_t)flip);
                    if (d > 0.3)
                        fail_msg("%d, light %zu, noise %d, flip %u: %f", digit, i, noise, flip, d);
                }
}

static void lines_of_the_paper_are_not_ink(void **state)
{
    (void)state;
    for (int squared = 0; squared <= 1; squared++) {
        float even[DIGIT_PIXELS], out[DIGIT_PIXELS];
        struct picture p = drawing_blank(WIDTH, HEIGHT, 220);
        drawing_digit(&p, &pen, 4);
        normalise(even, &p);
        for (size_t y = 0; y < HEIGHT; y++)
            for (size_t x = 0; x < WIDTH; x++)
                if (p.pixels[y * WIDTH + x] > 180 && (y % 30 < 2 || (squared && x % 30 < 2)))
                    p.pixels[y * WIDTH + x] = 180;
        shine(&p, slope, 4);
        normalise(out, &p);
        image_free(&p);
        assert_true(difference(even, out) < 0.25);
    }
}

static void blank_paper_has_nothing_on_it(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS];
    srand(5);
    for (size_t i = 0; i < 8; i++) {
        struct error err = {0};
        struct picture p = drawing_blank(WIDTH, HEIGHT, 220);
        shine(&p, i % 2 == 0 ? vignette : slope, 6 * (int)(i / 2));
        assert_false(canvas_normalise(out, &p, CANVAS_AUTO, &err));
        assert_int_equal(err.code, ERROR_NOTHING_DRAWN);
        image_free(&p);
    }
}

static void a_large_photograph_has_its_boxes_in_its_own_pixels(void **state)
{
    (void)state;
    struct canvas_digits digits;
    struct error err = {0};
    struct picture p = drawing_blank(1600, 1200, 220);
    drawing_digit(&p, &(struct drawing_pen){900, 300, 500, 50, 60}, 7);
    shine(&p, slope, 8);
    assert_true(canvas_segment(&digits, &p, CANVAS_AUTO, &err));
    assert_int_equal(digits.count, 1);
    assert_in_range(digits.list[0].box.x, 915, 935);
    assert_in_range(digits.list[0].box.y, 265, 285);
    assert_in_range(digits.list[0].box.width, 360, 390);
    assert_in_range(digits.list[0].box.height, 535, 565);
    canvas_digits_free(&digits);
    image_free(&p);
}

/* Cut to the ink, any thickness, both ways round: the same digit as with a margin. */
static void close_cuts_make_little_difference(void **state)
{
    (void)state;
    for (int digit = 0; digit < 10; digit++)
        for (int thickness = 8; thickness <= 32; thickness += 12)
            for (unsigned flip = 0; flip < 256; flip += 255) {
                float wide[DIGIT_PIXELS], out[DIGIT_PIXELS];
                struct canvas_digits digits;
                struct error err = {0};
                struct picture p = drawing_blank(280, 280, 255), cut;
                drawing_digit(&p, &(struct drawing_pen){80, 70, 120, thickness, 0}, digit);
                normalise(wide, &p);
                assert_true(canvas_segment(&digits, &p, CANVAS_AUTO, &err));
                const struct canvas_box box = digits.list[0].box;
                cut = drawing_blank(box.width, box.height, 0);
                for (size_t i = 0; i < box.width * box.height; i++)
                    cut.pixels[i] =
                        p.pixels[(box.y + i / box.width) * 280 + box.x + i % box.width] ^
                        (uint8_t)flip;
                normalise(out, &cut);
                if (digit != 1 && difference(wide, out) > 0.1)
                    fail_msg("%d, %d thick, flip %u: %f", digit, thickness, flip,
                             difference(wide, out));
                canvas_digits_free(&digits);
                image_free(&cut);
                image_free(&p);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(light_makes_little_difference),
        cmocka_unit_test(lines_of_the_paper_are_not_ink),
        cmocka_unit_test(blank_paper_has_nothing_on_it),
        cmocka_unit_test(a_large_photograph_has_its_boxes_in_its_own_pixels),
        cmocka_unit_test(close_cuts_make_little_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Canvases: what makes no difference to a reader makes none to the 28x28 field, and MNIST's own
 * pictures come out as they are. tests/data/mnist-20.idx3 holds one picture of each digit from the
 * test set, and the ten that are furthest from its usual size or place.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/canvas.h"

enum { SAMPLES = 20 };

static uint8_t samples[SAMPLES][DIGIT_PIXELS];

static int read_samples(void **state)
{
    (void)state;
    uint8_t header[16];
    FILE *f = fopen("tests/data/mnist-20.idx3", "rb");
    if (f == NULL)
        return 1;
    size_t read = fread(header, sizeof header, 1, f) + fread(samples, sizeof samples, 1, f);
    (void)fclose(f);
    return read != 2;
}

static struct picture blank(size_t width, size_t height, uint8_t level)
{
    struct picture p = {width, height, malloc(width * height)};
    assert_non_null(p.pixels);
    memset(p.pixels, level, width * height);
    return p;
}

struct pen {
    double left, top, size; /* of the square that the digit is drawn in */
    double thickness;
    int paper, ink;
};

/* A two, with smooth edges. */
static void draw(struct picture *p, const struct pen *pen)
{
    static const double points[][2] = {{0.1, 0.3},  {0.2, 0.1},  {0.45, 0.0}, {0.7, 0.1},
                                       {0.75, 0.3}, {0.6, 0.55}, {0.1, 1.0},  {0.8, 0.95}};
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < p->width; x++) {
            double px = ((double)x + 0.5 - pen->left) / pen->size;
            double py = ((double)y + 0.5 - pen->top) / pen->size;
            double nearest = 1e9;
            for (size_t i = 0; i + 1 < sizeof points / sizeof *points; i++) {
                double dx = points[i + 1][0] - points[i][0], dy = points[i + 1][1] - points[i][1];
                double t =
                    ((px - points[i][0]) * dx + (py - points[i][1]) * dy) / (dx * dx + dy * dy);
                t = fmin(fmax(t, 0), 1);
                nearest =
                    fmin(nearest, hypot(px - points[i][0] - t * dx, py - points[i][1] - t * dy));
            }
            double cover = fmin(fmax((pen->thickness / 2 - nearest) * pen->size + 0.5, 0), 1);
            p->pixels[y * p->width + x] =
                (uint8_t)lround(pen->paper + (pen->ink - pen->paper) * cover);
        }
}

static void normalise(float out[DIGIT_PIXELS], const struct picture *p, enum canvas_mode mode)
{
    struct error err = {0};
    if (!canvas_normalise(out, p, mode, &err))
        fail_msg("%zux%zu: %s", p->width, p->height, err.text);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(out[i] >= 0.0f && out[i] <= 1.0f);
}

static void drawn(float out[DIGIT_PIXELS], size_t width, size_t height, struct pen pen)
{
    struct picture p = blank(width, height, 0);
    draw(&p, &pen);
    normalise(out, &p, CANVAS_AUTO);
    image_free(&p);
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

static const struct pen usual = {90, 60, 140, 0.12, 0, 255};

static void mnist_passes_untouched(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS];
    for (size_t i = 0; i < SAMPLES; i++) {
        struct picture p = {DIGIT_SIDE, DIGIT_SIDE, samples[i]};
        normalise(out, &p, CANVAS_AUTO);
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            assert_true(out[k] == (float)samples[i][k] / 255.0f);
    }
}

static void inverted_mnist_is_turned_back(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS];
    for (size_t i = 0; i < SAMPLES; i++) {
        uint8_t inverted[DIGIT_PIXELS];
        struct picture p = {DIGIT_SIDE, DIGIT_SIDE, inverted};
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            inverted[k] = (uint8_t)(255 - samples[i][k]);
        normalise(out, &p, CANVAS_AUTO);
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            assert_true(out[k] == (float)samples[i][k] / 255.0f);
    }
}

/* The rule for MNIST's manner must not catch a digit that is small or off the middle. */
static void other_28x28_pictures_are_normalised(void **state)
{
    (void)state;
    float expected[DIGIT_PIXELS], out[DIGIT_PIXELS];
    drawn(expected, 280, 280, usual);
    drawn(out, 28, 28, (struct pen){3, 2, 11, 0.15, 0, 255});
    assert_true(difference(expected, out) < 0.5);
    double mass_at_left = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        mass_at_left += i % DIGIT_SIDE < 4 ? (double)out[i] : 0.0;
    assert_true(mass_at_left < 1e-6);
}

static void mnist_on_a_larger_canvas_is_found(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS], expected[DIGIT_PIXELS];
    for (size_t i = 0; i < 10; i++) {
        struct picture p = blank(280, 200, 0);
        for (size_t y = 0; y < 28; y++)
            for (size_t x = 0; x < 28; x++) {
                expected[y * 28 + x] = (float)samples[i][y * 28 + x] / 255.0f;
                for (size_t k = 0; k < 25; k++)
                    p.pixels[(20 + y * 5 + k / 5) * 280 + 100 + x * 5 + k % 5] =
                        samples[i][y * 28 + x];
            }
        normalise(out, &p, CANVAS_AUTO);
        image_free(&p);
        assert_true(difference(expected, out) < 0.5);
    }
}

static void where_it_is_drawn_makes_no_difference(void **state)
{
    (void)state;
    float first[DIGIT_PIXELS], out[DIGIT_PIXELS];
    struct pen pen = usual;
    drawn(first, 280, 280, pen);
    for (int i = 0; i < 12; i++) {
        pen.left = 12 + i * 11;
        pen.top = 130 - i * 10;
        drawn(out, 280 + (size_t)i, 280, pen);
        assert_memory_equal(first, out, sizeof out);
    }
}

static void size_makes_little_difference(void **state)
{
    (void)state;
    float first[DIGIT_PIXELS], out[DIGIT_PIXELS];
    drawn(first, 280, 280, usual);
    for (double size = 20; size < 1000; size *= 1.3) {
        size_t side = (size_t)(size * 1.7);
        drawn(out, side, side, (struct pen){size * 0.3, size * 0.4, size, 0.12, 0, 255});
        double d = difference(first, out);
        if (d > (size < 40 ? 0.2 : 0.1))
            fail_msg("size %.0f: %f", size, d);
    }
}

static void colours_make_no_difference(void **state)
{
    (void)state;
    float first[DIGIT_PIXELS], out[DIGIT_PIXELS];
    static const int pairs[][2] = {{255, 0}, {40, 220}, {200, 90}, {128, 255}, {128, 0}, {30, 70}};
    struct pen pen = usual;
    drawn(first, 280, 280, pen);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        pen.paper = pairs[i][0];
        pen.ink = pairs[i][1];
        drawn(out, 280, 280, pen);
        if (i == 0)
            assert_memory_equal(first, out, sizeof out);
        assert_true(difference(first, out) < 0.03);
    }
}

static void slight_noise_makes_little_difference(void **state)
{
    (void)state;
    float first[DIGIT_PIXELS], out[DIGIT_PIXELS];
    struct pen pen = usual;
    pen.paper = 225;
    pen.ink = 30;
    drawn(first, 280, 280, pen);
    struct picture p = blank(280, 280, 0);
    draw(&p, &pen);
    srand(1);
    for (size_t i = 0; i < 280 * 280; i++)
        p.pixels[i] = (uint8_t)(p.pixels[i] + rand() % 25 - 12);
    for (size_t i = 0; i < 5; i++) /* specks */
        p.pixels[(20 + i * 50) * 280 + 10] = 0;
    normalise(out, &p, CANVAS_AUTO);
    assert_true(difference(first, out) < 0.1);
    image_free(&p);
}

static void the_mass_is_in_the_middle(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS];
    for (double size = 9; size < 300; size *= 1.7) {
        double mass = 0, mx = 0, my = 0;
        size_t side = (size_t)(size * 2);
        drawn(out, side, side, (struct pen){size * 0.1, size * 0.7, size, 0.15, 255, 20});
        for (size_t i = 0; i < DIGIT_PIXELS; i++) {
            mass += (double)out[i];
            mx += (double)out[i] * (double)(i % DIGIT_SIDE);
            my += (double)out[i] * (double)(i / DIGIT_SIDE);
        }
        assert_true(fabs(mx / mass - 14) < 0.4);
        assert_true(fabs(my / mass - 14) < 0.4);
    }
}

static void thin_strokes_stay_strong(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS], strongest = 0;
    struct pen pen = usual;
    pen.thickness = 1.0 / 140;
    drawn(out, 280, 280, pen);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        strongest = fmaxf(strongest, out[i]);
    assert_true(strongest > 0.95f);
}

static void nothing_drawn_is_said(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS];
    const size_t sides[] = {1, 8, 28, 280};
    srand(2);
    for (size_t i = 0; i < 4; i++)
        for (int level = 5; level < 256; level += 49) {
            struct error err = {0};
            struct picture p = blank(sides[i], sides[i], (uint8_t)level);
            assert_false(canvas_normalise(out, &p, CANVAS_AUTO, &err));
            assert_int_equal(err.code, ERROR_NOTHING_DRAWN);
            for (size_t k = 0; k < sides[i] * sides[i]; k++)
                p.pixels[k] = (uint8_t)(level + rand() % 10 - 5);
            err = (struct error){0};
            assert_false(canvas_normalise(out, &p, CANVAS_MNIST, &err));
            assert_int_equal(err.code, ERROR_NOTHING_DRAWN);
            image_free(&p);
        }
}

static void any_size_and_any_content_is_survived(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS];
    srand(3);
    for (size_t height = 1; height <= 64; height++)
        for (size_t width = 1; width <= 64; width++) {
            struct picture p = blank(width, height, 255);
            p.pixels[(height / 2) * width + width / 3] = 0;
            struct error err = {0};
            bool ok = canvas_normalise(out, &p, CANVAS_AUTO, &err);
            assert_true(ok || err.code == ERROR_NOTHING_DRAWN);
            assert_true(ok || height * width < 9);
            for (size_t k = 0; k < width * height; k++)
                p.pixels[k] = (uint8_t)(rand() & (rand() & 1 ? 255 : 0));
            err = (struct error){0};
            ok = canvas_normalise(out, &p, CANVAS_AUTO, &err);
            for (size_t k = 0; ok && k < DIGIT_PIXELS; k++)
                assert_true(out[k] >= 0.0f && out[k] <= 1.0f);
            image_free(&p);
        }
}

static void extreme_shapes_are_drawn(void **state)
{
    (void)state;
    static const struct {
        size_t width, height;
    } shapes[] = {{1, 1000}, {1000, 1}, {3, 8192}, {8192, 3}, {8192, 2048}, {2, 2}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        float out[DIGIT_PIXELS];
        double mass = 0;
        size_t width = shapes[i].width, height = shapes[i].height;
        struct picture p = blank(width, height, 250);
        for (size_t y = height / 2; y < height / 2 + height / 8 + 1; y++)
            memset(p.pixels + y * width + width / 2, 10, width / 8 + 1);
        normalise(out, &p, CANVAS_AUTO);
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            mass += (double)out[k];
        image_free(&p);
        assert_true(mass > 10);
    }
}

static void without_normalisation_only_28x28_is_taken(void **state)
{
    (void)state;
    float out[DIGIT_PIXELS];
    struct error err = {0};
    struct picture p = blank(28, 28, 51);
    assert_true(canvas_normalise(out, &p, CANVAS_NONE, &err));
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(out[i] == 51.0f / 255.0f);
    p.width = 27;
    assert_false(canvas_normalise(out, &p, CANVAS_NONE, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    assert_string_equal(err.text, "the picture is 27x28; without normalisation it must be 28x28");
    image_free(&p);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t width, height;
        enum error_code code;
    } sizes[] = {{0, 5, ERROR_EMPTY_IMAGE},
                 {5, 0, ERROR_EMPTY_IMAGE},
                 {1, 8193, ERROR_IMAGE_TOO_LARGE},
                 {8193, 1, ERROR_IMAGE_TOO_LARGE}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        float out[DIGIT_PIXELS];
        uint8_t pixel = 0;
        struct error err = {0};
        const struct picture p = {sizes[i].width, sizes[i].height, &pixel};
        assert_false(canvas_normalise(out, &p, CANVAS_AUTO, &err));
        assert_int_equal(err.code, sizes[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mnist_passes_untouched),
        cmocka_unit_test(inverted_mnist_is_turned_back),
        cmocka_unit_test(other_28x28_pictures_are_normalised),
        cmocka_unit_test(mnist_on_a_larger_canvas_is_found),
        cmocka_unit_test(where_it_is_drawn_makes_no_difference),
        cmocka_unit_test(size_makes_little_difference),
        cmocka_unit_test(colours_make_no_difference),
        cmocka_unit_test(slight_noise_makes_little_difference),
        cmocka_unit_test(the_mass_is_in_the_middle),
        cmocka_unit_test(thin_strokes_stay_strong),
        cmocka_unit_test(nothing_drawn_is_said),
        cmocka_unit_test(any_size_and_any_content_is_survived),
        cmocka_unit_test(extreme_shapes_are_drawn),
        cmocka_unit_test(without_normalisation_only_28x28_is_taken),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, read_samples, NULL);
}

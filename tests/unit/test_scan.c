/*
 * What files and resampling do to a picture: little at their best, more at their worst.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "train/drawing/scan.h"

/* A soft diagonal stroke, in MNIST's manner: its longest side is 20 pixels. */
static void draw_stroke(float picture[DIGIT_PIXELS])
{
    for (size_t y = 0; y < DIGIT_SIDE; y++)
        for (size_t x = 0; x < DIGIT_SIDE; x++) {
            double away = fabs((double)x - (double)y) / sqrt(2.0);
            bool is_inside = y >= 4 && y < 24 && x >= 4 && x < 24;
            picture[y * DIGIT_SIDE + x] =
                is_inside ? (float)fmin(fmax(2.5 - away, 0.0), 1.0) : 0.0f;
        }
}

static double furthest(const float *a, const float *b)
{
    double most = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        most = fmax(most, fabs((double)(a[i] - b[i])));
    return most;
}

static double mean_change(const float *a, const float *b)
{
    double sum = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        sum += fabs((double)(a[i] - b[i]));
    return sum / DIGIT_PIXELS;
}

static void jpeg_of_the_best_quality_keeps_a_picture(void **state)
{
    (void)state;
    float before[DIGIT_PIXELS], after[DIGIT_PIXELS];
    draw_stroke(before);
    memcpy(after, before, sizeof after);
    scan_jpeg(after, 100);
    assert_true(furthest(before, after) < 2.5 / 255);
    assert_true(furthest(before, after) > 0);
}

static void jpeg_of_less_quality_changes_more(void **state)
{
    (void)state;
    double last = 0;
    for (int quality = 90; quality >= 30; quality -= 30) {
        float before[DIGIT_PIXELS], after[DIGIT_PIXELS];
        draw_stroke(before);
        memcpy(after, before, sizeof after);
        scan_jpeg(after, quality);
        double change = mean_change(before, after);
        assert_true(change > last && change < 0.05);
        for (size_t i = 0; i < DIGIT_PIXELS; i++)
            assert_true(after[i] >= 0.0f && after[i] <= 1.0f);
        last = change;
    }
}

/* A flat picture has but one number a block. */
static void jpeg_keeps_grey(void **state)
{
    (void)state;
    float picture[DIGIT_PIXELS];
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        picture[i] = 128.0f / 255.0f;
    scan_jpeg(picture, 30);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(fabsf(picture[i] - 128.0f / 255.0f) < 1e-5f);
}

static void a_larger_drawing_comes_back_as_it_was(void **state)
{
    (void)state;
    float before[DIGIT_PIXELS], after[DIGIT_PIXELS];
    draw_stroke(before);
    memcpy(after, before, sizeof after);
    scan_enlarged(after, 1.0f);
    assert_true(mean_change(before, after) < 0.04);
    assert_true(mean_change(before, after) > 0);
}

static void a_drawing_off_the_middle_is_centred(void **state)
{
    (void)state;
    float before[DIGIT_PIXELS], moved[DIGIT_PIXELS] = {0};
    draw_stroke(before);
    for (size_t y = 0; y + 4 < DIGIT_SIDE; y++)
        memcpy(moved + y * DIGIT_SIDE, before + (y + 4) * DIGIT_SIDE, DIGIT_SIDE * sizeof *moved);
    scan_enlarged(before, 2.0f);
    scan_enlarged(moved, 2.0f);
    assert_true(mean_change(before, moved) < 0.005);
}

static void nothing_stays_nothing(void **state)
{
    (void)state;
    float picture[DIGIT_PIXELS] = {0};
    scan_enlarged(picture, 3.0f);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(picture[i] == 0.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_of_the_best_quality_keeps_a_picture),
        cmocka_unit_test(jpeg_of_less_quality_changes_more),
        cmocka_unit_test(jpeg_keeps_grey),
        cmocka_unit_test(a_larger_drawing_comes_back_as_it_was),
        cmocka_unit_test(a_drawing_off_the_middle_is_centred),
        cmocka_unit_test(nothing_stays_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

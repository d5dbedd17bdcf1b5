/*
 * One digit or several: a digit with broken strokes is one, digits beside and below each other are
 * several, and what is no digit does not count.
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

#define STROKE(p, pen, ...)                                \
    drawing_stroke(p, pen, (const double[][2])__VA_ARGS__, \
                   sizeof((const double[][2])__VA_ARGS__) / sizeof(double[2]))

static const struct drawing_pen pen = {70, 60, 140, 14, 0};

static struct canvas_digits segment(const struct picture *p)
{
    struct canvas_digits digits;
    struct error err = {0};
    if (!canvas_segment(&digits, p, CANVAS_AUTO, &err))
        fail_msg("%s", err.text);
    return digits;
}

static size_t count_of(struct picture *p)
{
    float out[DIGIT_PIXELS];
    struct error err = {0};
    struct canvas_digits digits = segment(p);
    const size_t count = digits.count;
    const bool is_one = canvas_normalise(out, p, CANVAS_AUTO, &err);
    assert_int_equal(is_one, count == 1);
    assert_true(is_one || err.code == ERROR_SEVERAL_DIGITS);
    assert_true(!is_one || memcmp(out, digits.list[0].pixels, sizeof out) == 0);
    canvas_digits_free(&digits);
    image_free(p);
    return count;
}

/* White paper, 280x280. */
static struct picture paper(void)
{
    return drawing_blank(280, 280, 255);
}

static void erase(struct picture *p, size_t left, size_t top, size_t width, size_t height)
{
    for (size_t y = top; y < top + height; y++)
        memset(p->pixels + y * p->width + left, 255, width);
}

static void each_digit_is_one(void **state)
{
    (void)state;
    for (int digit = 0; digit < 10; digit++)
        for (int thickness = 1; thickness < 40; thickness += 9) {
            struct drawing_pen other = pen;
            struct picture p = paper();
            other.thickness = thickness;
            drawing_digit(&p, &other, digit);
            assert_int_equal(count_of(&p), 1);
        }
}

static void a_five_whose_bar_is_apart_is_one(void **state)
{
    (void)state;
    for (double gap = 0.02; gap < 0.25; gap += 0.04) {
        struct picture p = paper();
        STROKE(&p, &pen,
               {{.2, gap + .1}, {.15, .5}, {.5, .45}, {.75, .65}, {.7, .9}, {.4, 1}, {.1, .95}});
        STROKE(&p, &pen, {{.25, 0}, {.8, -.02}});
        assert_int_equal(count_of(&p), 1);
    }
}

static void a_bar_to_the_right_of_a_five_is_its_own(void **state)
{
    (void)state;
    struct picture p = paper();
    STROKE(&p, &pen, {{.2, 0}, {.15, .45}, {.5, .4}, {.75, .6}, {.7, .85}, {.4, 1}, {.1, .9}});
    STROKE(&p, &pen, {{.4, 0}, {.85, -.05}});
    assert_int_equal(count_of(&p), 1);
}

static void a_four_in_two_strokes_is_one(void **state)
{
    (void)state;
    for (double gap = 0; gap < 0.2; gap += 0.04) {
        struct picture p = paper();
        STROKE(&p, &pen, {{.3, 0}, {.05, .55}, {.55, .55}});
        STROKE(&p, &pen, {{.65 + gap, .2}, {.65 + gap, 1}});
        assert_int_equal(count_of(&p), 1);
    }
}

static void gaps_in_strokes_make_no_second_digit(void **state)
{
    (void)state;
    for (int digit = 0; digit < 10; digit++)
        for (size_t at = 70; at < 190; at += 23) {
            struct picture p = paper();
            drawing_digit(&p, &pen, digit);
            erase(&p, 0, at, 280, 8);
            assert_int_equal(count_of(&p), 1);
            p = paper();
            drawing_digit(&p, &pen, digit);
            erase(&p, at, 0, 3, 280);
            assert_int_equal(count_of(&p), 1);
        }
}

static void a_dotted_pen_draws_one_digit(void **state)
{
    (void)state;
    for (int digit = 0; digit < 10; digit++) {
        struct picture p = paper();
        drawing_digit(&p, &pen, digit);
        for (size_t i = 0; i < 280; i += 16) {
            erase(&p, 0, i, 280, 6);
            erase(&p, i, 0, 6, 280);
        }
        assert_int_equal(count_of(&p), 1);
    }
}

static void specks_and_stray_marks_do_not_count(void **state)
{
    (void)state;
    float clean[DIGIT_PIXELS], out[DIGIT_PIXELS];
    struct error err = {0};
    struct picture p = paper();
    drawing_digit(&p, &pen, 3);
    assert_true(canvas_normalise(clean, &p, CANVAS_AUTO, &err));
    for (size_t i = 0; i < 9; i++)
        p.pixels[(7 + i * 31) * 280 + 9 + i * 5] = 0;
    STROKE(&p, &pen, {{-.4, -.3}, {-.3, -.33}});
    assert_true(canvas_normalise(out, &p, CANVAS_AUTO, &err));
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(fabsf(clean[i] - out[i]) < 0.02f);
    assert_int_equal(count_of(&p), 1);
}

static void a_frame_is_no_digit(void **state)
{
    (void)state;
    for (size_t inset = 0; inset < 12; inset += 5)
        for (size_t width = 1; width < 5; width += 2) {
            struct picture p = drawing_blank(280, 280, inset == 0 ? 0 : 255);
            for (size_t y = inset; y < 280 - inset; y++)
                memset(p.pixels + y * 280 + inset, 0, 280 - 2 * inset);
            erase(&p, inset + width, inset + width, 280 - 2 * (inset + width),
                  280 - 2 * (inset + width));
            drawing_digit(&p, &pen, 2);
            struct canvas_digits digits = segment(&p);
            assert_int_equal(digits.count, 1);
            assert_in_range(digits.list[0].box.x, 70, 84);
            canvas_digits_free(&digits);
            image_free(&p);
        }
}

static void digits_in_a_row_are_counted(void **state)
{
    (void)state;
    for (int count = 2; count <= 12; count++) {
        struct picture p = drawing_blank((size_t)count * 90 + 40, 150, 255);
        for (int i = 0; i < count; i++)
            drawing_digit(&p,
                          &(struct drawing_pen){30 + i * 90, 30 + i % 3 * 6, 85 + i % 2 * 9, 9, 0},
                          (i * 7) % 10);
        assert_int_equal(count_of(&p), count);
    }
}

static void they_come_in_reading_order_with_their_boxes(void **state)
{
    (void)state;
    struct picture p = drawing_blank(400, 400, 0);
    static const int where[][2] = {{40, 60}, {150, 44}, {270, 58}, {30, 240}, {160, 250}};
    for (size_t i = 5; i-- > 0;)
        drawing_digit(&p, &(struct drawing_pen){where[i][0], where[i][1], 100, 10, 255}, 7);
    struct canvas_digits digits = segment(&p);
    assert_int_equal(digits.count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct canvas_box *box = &digits.list[i].box;
        assert_in_range(box->x, where[i][0] + 4, where[i][0] + 6);
        assert_in_range(box->y, where[i][1] - 6, where[i][1] - 4);
        assert_in_range(box->width, 74, 76);
        assert_in_range(box->height, 109, 111);
        assert_memory_equal(digits.list[i].pixels, digits.list[0].pixels, sizeof(float) * 28);
    }
    canvas_digits_free(&digits);
    image_free(&p);
}

/* Alone or beside others, a digit looks the same to a network. */
static void neighbours_leave_no_trace(void **state)
{
    (void)state;
    struct picture p = drawing_blank(500, 280, 255), alone = drawing_blank(500, 280, 255);
    drawing_digit(&p, &pen, 5);
    drawing_digit(&alone, &pen, 5);
    drawing_digit(&p, &(struct drawing_pen){188, 50, 150, 14, 0}, 8);
    struct canvas_digits digits = segment(&p), one = segment(&alone);
    assert_int_equal(digits.count, 2);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(fabsf(digits.list[0].pixels[i] - one.list[0].pixels[i]) < 0.02f);
    canvas_digits_free(&digits);
    canvas_digits_free(&one);
    image_free(&p);
    image_free(&alone);
}

static void more_than_can_be_told_apart_is_survived(void **state)
{
    (void)state;
    struct picture p = drawing_blank(2000, 2000, 255);
    for (size_t y = 0; y + 8 < 2000; y += 16)
        for (size_t x = 0; x + 8 < 2000; x += 12)
            memset(p.pixels + y * 2000 + x, 0, 7);
    struct canvas_digits digits = segment(&p);
    const size_t digits_counted = digits.count;
    assert_in_range(digits_counted, 1, 128);
    canvas_digits_free(&digits);
    float out[DIGIT_PIXELS];
    struct error err = {0};
    assert_true(canvas_normalise(out, &p, CANVAS_AUTO, &err) == (digits_counted == 1));
    image_free(&p);
}

/* As thick as it is, what is in it looks like a speck. */
static void within_a_thick_frame_a_thin_digit_is_found(void **state)
{
    (void)state;
    struct picture p = drawing_blank(280, 280, 0);
    erase(&p, 25, 25, 230, 230);
    drawing_digit(&p, &(struct drawing_pen){100, 85, 100, 2, 0}, 1);
    struct canvas_digits digits = segment(&p);
    assert_int_equal(digits.count, 1);
    assert_in_range(digits.list[0].box.x, 125, 135);
    canvas_digits_free(&digits);
    image_free(&p);
}

static void an_untouched_picture_is_one_digit(void **state)
{
    (void)state;
    struct picture p = drawing_blank(28, 28, 0);
    drawing_digit(&p, &(struct drawing_pen){6, 5, 18, 2, 255}, 0);
    struct canvas_digits digits;
    struct error err = {0};
    assert_true(canvas_segment(&digits, &p, CANVAS_NONE, &err));
    assert_int_equal(digits.count, 1);
    assert_int_equal(digits.list[0].box.width, 28);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(digits.list[0].pixels[i] == (float)p.pixels[i] / 255.0f);
    canvas_digits_free(&digits);
    image_free(&p);
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    struct canvas_digits digits;
    struct error err = {0};
    struct picture p = paper();
    assert_false(canvas_segment(&digits, &p, CANVAS_AUTO, &err));
    assert_int_equal(err.code, ERROR_NOTHING_DRAWN);
    assert_null(digits.list);
    image_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_digit_is_one),
        cmocka_unit_test(a_five_whose_bar_is_apart_is_one),
        cmocka_unit_test(a_bar_to_the_right_of_a_five_is_its_own),
        cmocka_unit_test(a_four_in_two_strokes_is_one),
        cmocka_unit_test(gaps_in_strokes_make_no_second_digit),
        cmocka_unit_test(a_dotted_pen_draws_one_digit),
        cmocka_unit_test(specks_and_stray_marks_do_not_count),
        cmocka_unit_test(a_frame_is_no_digit),
        cmocka_unit_test(digits_in_a_row_are_counted),
        cmocka_unit_test(they_come_in_reading_order_with_their_boxes),
        cmocka_unit_test(neighbours_leave_no_trace),
        cmocka_unit_test(more_than_can_be_told_apart_is_survived),
        cmocka_unit_test(within_a_thick_frame_a_thin_digit_is_found),
        cmocka_unit_test(an_untouched_picture_is_one_digit),
        cmocka_unit_test(a_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

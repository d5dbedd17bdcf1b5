/*
 * Pictures made up: every skeleton can be drawn and stays on the paper, each digit comes, equal
 * seeds draw the same, and nothing but a faint texture is blank.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "train/drawing/glyphs.h"
#include "train/drawing/pen.h"
#include "train/drawing/sketch.h"

enum { TRIES = 400 };

static size_t inked(const uint8_t *pixels, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += pixels[i] > 127;
    return sum;
}

static bool is_edge(size_t i)
{
    size_t x = i % PEN_SIDE, y = i / PEN_SIDE;
    return x == 0 || y == 0 || x == PEN_SIDE - 1 || y == PEN_SIDE - 1;
}

static void draw_all(const struct glyph *glyphs, size_t count)
{
    static uint8_t paper[PEN_SIDE * PEN_SIDE];
    struct order_random random;
    size_t at_edge = 0;
    order_seed(&random, 1);
    for (size_t i = 0; i < count * 20; i++) {
        struct pen_path path;
        pen_follow(&path, glyphs[i % count].strokes, &random);
        pen_ink(paper, &path);
        size_t ink = inked(paper, sizeof paper);
        assert_true(ink > 20 && ink < sizeof paper * 2 / 3);
        for (size_t k = 0; k < sizeof paper; k++)
            at_edge += is_edge(k) && paper[k] > 127;
    }
    assert_true(at_edge < count * 20); /* a pixel a drawing, where the border has 252 */
}

static void every_skeleton_fits_the_paper(void **state)
{
    (void)state;
    draw_all(glyphs_digits, glyphs_digits_count);
    draw_all(glyphs_others, glyphs_others_count);
}

static void each_digit_has_several_hands(void **state)
{
    (void)state;
    size_t hands[DIGIT_CLASSES] = {0};
    for (size_t i = 0; i < glyphs_digits_count; i++)
        hands[glyphs_digits[i].label]++;
    for (size_t digit = 0; digit < DIGIT_CLASSES; digit++)
        assert_in_range(hands[digit], 4, 16);
}

static void each_digit_comes(void **state)
{
    (void)state;
    size_t seen[DIGIT_CLASSES] = {0};
    uint8_t picture[DIGIT_PIXELS];
    struct order_random random;
    order_seed(&random, 2);
    for (size_t i = 0; i < TRIES; i++) {
        seen[sketch_digit(picture, &random)]++;
        assert_in_range(inked(picture, DIGIT_PIXELS), 15, 450);
    }
    for (size_t digit = 0; digit < DIGIT_CLASSES; digit++)
        assert_in_range(seen[digit], TRIES / 25, TRIES / 4);
}

/* Digits to make a set of: bars, one a class. */
static uint8_t set_pixels[DIGIT_CLASSES * DIGIT_PIXELS];
static uint8_t set_labels[DIGIT_CLASSES];
static const struct mnist set = {
    .count = DIGIT_CLASSES, .pixels = set_pixels, .labels = set_labels};

static void fill_set(void)
{
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        set_labels[i] = (uint8_t)i;
        for (size_t y = 4; y < 24; y++)
            memset(set_pixels + i * DIGIT_PIXELS + y * DIGIT_SIDE + 12, 255, 4);
    }
}

static void others_have_ink(void **state)
{
    (void)state;
    uint8_t picture[DIGIT_PIXELS];
    struct order_random random;
    size_t blank = 0;
    fill_set();
    order_seed(&random, 3);
    for (size_t i = 0; i < TRIES; i++) {
        sketch_other(picture, &set, &random);
        blank += inked(picture, DIGIT_PIXELS) == 0;
    }
    /* What the server would refuse, as it shows two digits, stays black. */
    assert_true(blank < TRIES / 5);
}

static void equal_seeds_draw_the_same(void **state)
{
    (void)state;
    uint8_t one[DIGIT_PIXELS], other[DIGIT_PIXELS];
    struct order_random a, b;
    fill_set();
    order_seed(&a, 4);
    order_seed(&b, 4);
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(sketch_digit(one, &a), sketch_digit(other, &b));
        assert_memory_equal(one, other, sizeof one);
        sketch_other(one, &set, &a);
        sketch_other(other, &set, &b);
        assert_memory_equal(one, other, sizeof one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_skeleton_fits_the_paper),
        cmocka_unit_test(each_digit_has_several_hands),
        cmocka_unit_test(each_digit_comes),
        cmocka_unit_test(others_have_ink),
        cmocka_unit_test(equal_seeds_draw_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

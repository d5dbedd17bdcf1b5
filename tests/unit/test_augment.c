/*
 * Augmentation: nothing asked for changes nothing, equal seeds make equal pictures, and each change
 * does what it is called.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "train/drawing/augment.h"

enum { TRIES = 200 };

/* A vertical bar three pixels wide, in the middle. */
static void draw_bar(uint8_t picture[DIGIT_PIXELS])
{
    memset(picture, 0, DIGIT_PIXELS);
    for (size_t y = 5; y < 23; y++)
        for (size_t x = 13; x < 16; x++)
            picture[y * DIGIT_SIDE + x] = 255;
}

struct facts {
    double mass;
    double x, y;  /* centre of mass */
    double slope; /* of x over y */
};

static struct facts facts_of(const float *p)
{
    struct facts f = {0};
    double squares = 0, product = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        f.mass += p[i];
        f.x += p[i] * (double)(i % DIGIT_SIDE);
        f.y += p[i] * (double)(i / DIGIT_SIDE);
    }
    f.x /= f.mass;
    f.y /= f.mass;
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        double dx = (double)(i % DIGIT_SIDE) - f.x, dy = (double)(i / DIGIT_SIDE) - f.y;
        squares += p[i] * dy * dy;
        product += p[i] * dx * dy;
    }
    f.slope = product / squares;
    return f;
}

/* The facts of many changed bars: the furthest from the bar itself, upwards and downwards. */
static void spread(struct facts *least, struct facts *most, const struct augment *how)
{
    uint8_t bar[DIGIT_PIXELS];
    float out[DIGIT_PIXELS];
    struct order_random random;
    draw_bar(bar);
    order_seed(&random, 1);
    for (size_t i = 0; i < TRIES; i++) {
        augment_picture(out, bar, how, &random);
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            assert_true(out[k] >= 0.0f && out[k] <= 1.0f);
        struct facts f = facts_of(out);
        if (i == 0)
            *least = *most = f;
        least->mass = fmin(least->mass, f.mass);
        least->x = fmin(least->x, f.x);
        least->y = fmin(least->y, f.y);
        least->slope = fmin(least->slope, f.slope);
        most->mass = fmax(most->mass, f.mass);
        most->x = fmax(most->x, f.x);
        most->y = fmax(most->y, f.y);
        most->slope = fmax(most->slope, f.slope);
    }
}

static void nothing_asked_for_changes_nothing(void **state)
{
    (void)state;
    uint8_t bar[DIGIT_PIXELS];
    float out[DIGIT_PIXELS];
    struct order_random random;
    draw_bar(bar);
    order_seed(&random, 7);
    augment_picture(out, bar, &(struct augment){0}, &random);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(fabsf(out[i] - (float)bar[i] / 255.0f) < 1e-6f);
}

static void equal_seeds_make_equal_pictures(void **state)
{
    (void)state;
    const struct augment how = {10, 0.1, 0.2, 2, 1, 0.5, 0.5, 0.5, 0.6, 0.3, 0.02, 0.5};
    uint8_t bar[DIGIT_PIXELS];
    float one[DIGIT_PIXELS], other[DIGIT_PIXELS];
    struct order_random a, b;
    draw_bar(bar);
    order_seed(&a, 3);
    order_seed(&b, 3);
    for (size_t i = 0; i < 10; i++) {
        augment_picture(one, bar, &how, &a);
        augment_picture(other, bar, &how, &b);
        assert_memory_equal(one, other, sizeof one);
    }
    order_seed(&b, 4);
    augment_picture(other, bar, &how, &b);
    assert_memory_not_equal(one, other, sizeof one);
}

static void shift_moves(void **state)
{
    (void)state;
    struct facts least, most;
    spread(&least, &most, &(struct augment){.shift = 2});
    assert_true(least.x < 12.4 && least.x > 11.9 && most.x > 15.6 && most.x < 16.1);
    assert_true(least.y < 11.9 && least.y > 11.4 && most.y > 15.1 && most.y < 15.6);
    assert_true(fabs(most.slope) < 1e-4 && fabs(most.mass - least.mass) < 0.1);
}

static void rotation_and_shear_slant(void **state)
{
    (void)state;
    struct facts least, most;
    spread(&least, &most, &(struct augment){.rotation = 15});
    assert_true(least.slope < -0.2 && least.slope > -0.3 && most.slope > 0.2 && most.slope < 0.3);
    spread(&least, &most, &(struct augment){.shear = 0.3});
    assert_true(least.slope < -0.25 && least.slope > -0.31);
    assert_true(most.slope > 0.25 && most.slope < 0.31);
}

static void scale_grows_and_shrinks(void **state)
{
    (void)state;
    struct facts least, most;
    spread(&least, &most, &(struct augment){.scale = 0.2});
    assert_true(least.mass < 0.75 * 54 && most.mass > 1.3 * 54 && most.mass < 1.5 * 54);
    assert_true(fabs(most.x - least.x) < 0.25 && fabs(most.y - least.y) < 0.05);
}

static void thickness_adds_and_takes_away(void **state)
{
    (void)state;
    struct facts least, most;
    spread(&least, &most, &(struct augment){.thickness = 1});
    assert_true(least.mass > 27 && least.mass < 34 && most.mass > 90); /* of 3 x 18 pixels */
    assert_true(fabs(most.x - least.x) < 1e-4 && fabs(most.y - least.y) < 1e-4);
    spread(&least, &most, &(struct augment){.thickness = 2});
    assert_true(least.mass > 27 && most.mass > 130);
}

static void gaps_wipe_something_off(void **state)
{
    (void)state;
    struct facts least, most;
    spread(&least, &most, &(struct augment){.gaps = 1});
    assert_true(most.mass < 54 && least.mass > 30);
    spread(&least, &most, &(struct augment){.gaps = 0.5});
    assert_true(most.mass > 53.9 && least.mass < 52);
}

static void elastic_bends(void **state)
{
    (void)state;
    struct facts least, most;
    spread(&least, &most, &(struct augment){.elastic = 1});
    assert_true(most.x - least.x > 0.5 && most.slope - least.slope > 0.1);
    assert_true(least.mass > 30 && most.mass < 90);
}

static void blur_keeps_the_mass_and_noise_does_not(void **state)
{
    (void)state;
    struct facts least, most;
    spread(&least, &most, &(struct augment){.blur = 1});
    assert_true(most.mass - least.mass < 0.1);
    spread(&least, &most, &(struct augment){.noise = 0.05});
    assert_true(most.mass - least.mass > 5);
    spread(&least, &most, &(struct augment){.blur = 1, .contrast = 0.5});
    assert_true(most.mass - least.mass > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_for_changes_nothing),
        cmocka_unit_test(equal_seeds_make_equal_pictures),
        cmocka_unit_test(shift_moves),
        cmocka_unit_test(rotation_and_shear_slant),
        cmocka_unit_test(scale_grows_and_shrinks),
        cmocka_unit_test(thickness_adds_and_takes_away),
        cmocka_unit_test(gaps_wipe_something_off),
        cmocka_unit_test(elastic_bends),
        cmocka_unit_test(blur_keeps_the_mass_and_noise_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

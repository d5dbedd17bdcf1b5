/*
 * Bins of confidence and their expected error, against sums done by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "train/lab/calibration.h"

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-7))
        fail_msg("%.17g is not %.17g", got, want);
}

/* Answers 3 with that confidence; the rest goes to the others evenly. */
static void add(struct calibration *c, float confidence, bool right)
{
    float p[DIGIT_CLASSES];
    const uint8_t label = right ? 3 : 5;
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        p[i] = i == 3 ? confidence : (1 - confidence) / 9;
    calibration_add(c, p, &label, 1);
}

static void test_bins_take_their_upper_edge(void **state)
{
    (void)state;
    struct calibration c = {0};
    add(&c, 0.2f, true); /* 3 / 15, by float32 a little above */
    add(&c, 0.41f, true);
    add(&c, 0.99f, true);
    add(&c, 1.0f, true);
    add(&c, 1.0000001f, false);
    assert_int_equal(c.bins[3].count, 1);
    assert_int_equal(c.bins[6].count, 1);
    assert_int_equal(c.bins[14].count, 3);
    assert_int_equal(c.bins[14].correct, 2);
    assert_int_equal(c.count, 5);
}

static void test_error_is_weighted_by_the_counts(void **state)
{
    (void)state;
    struct calibration c = {0};
    /* Four at 0.75, three right: as good as it says. One at 0.95, wrong: off by 0.95. */
    for (int i = 0; i < 4; i++)
        add(&c, 0.75f, i > 0);
    assert_near(calibration_error(&c), 0);
    add(&c, 0.95f, false);
    assert_near(calibration_error(&c), 0.95 / 5);
    /* In one bin too much and too little cancel each other: 0.96 and 0.98, one right of two. */
    struct calibration same = {0};
    add(&same, 0.96f, true);
    add(&same, 0.98f, false);
    assert_near(calibration_error(&same), fabs(0.5 - 0.97));
}

static void test_nothing_is_no_error(void **state)
{
    (void)state;
    struct calibration c = {0};
    assert_near(calibration_error(&c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bins_take_their_upper_edge),
        cmocka_unit_test(test_error_is_weighted_by_the_counts),
        cmocka_unit_test(test_nothing_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

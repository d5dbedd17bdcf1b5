/*
 * Wilson's interval and McNemar's test, against values worked out elsewhere: by Python's
 * fractions and its normal distribution.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "train/lab/significance.h"

static void assert_near(double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%.17g is not %.17g", got, want);
}

static void test_wilson(void **state)
{
    (void)state;
    static const struct {
        size_t part, whole;
        double low, high;
    } known[] = {
        {8, 10, 0.49016247153664, 0.94331784854562},
        {0, 10, 0, 0.27753279986288},
        {10, 10, 0.72246720013712, 1},
        {9902, 10000, 0.98807224405260, 0.99195128394479},
        {0, 0, 0, 1},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct significance_interval got = significance_wilson(known[i].part, known[i].whole);
        assert_near(got.low, known[i].low, 1e-12);
        assert_near(got.high, known[i].high, 1e-12);
    }
}

static void test_wilson_is_symmetrical_and_narrows(void **state)
{
    (void)state;
    double before = 1;
    for (size_t n = 4; n <= 4096; n *= 2) {
        struct significance_interval a = significance_wilson(n / 4, n);
        struct significance_interval b = significance_wilson(n - n / 4, n);
        assert_near(a.low, 1 - b.high, 1e-12);
        assert_true(a.low < 0.25 && 0.25 < a.high && a.high - a.low < before);
        before = a.high - a.low;
    }
}

static void test_few_pairs_are_tested_exactly(void **state)
{
    (void)state;
    static const struct {
        size_t first, second;
        double p;
    } known[] = {
        {0, 0, 1},
        {1, 0, 1},
        {0, 5, 0.0625}, /* 2 / 2^5 */
        {1, 9, 22.0 / 1024},
        {5, 5, 1}, /* the middle is counted twice, and more than 1 is cut off */
        {2, 22, 3.5881996154785156e-05}, /* 2 (1 + 24 + 276) / 2^24 */
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct significance_mcnemar got = significance_mcnemar(known[i].first, known[i].second);
        assert_true(got.exact);
        assert_near(got.p, known[i].p, 1e-12);
        assert_near(significance_mcnemar(known[i].second, known[i].first).p, got.p, 0);
    }
}

static void test_many_pairs_are_tested_by_chi_square(void **state)
{
    (void)state;
    static const struct {
        size_t first, second;
        double statistic, p;
    } known[] = {
        {86, 150, 16.817796610169491, 4.114562281346e-05}, /* Agresti's survey: 63^2 / 236 */
        {15, 10, 0.64, 0.42371079716679},                  /* 4^2 / 25 */
        {20, 20, 0, 1},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct significance_mcnemar got = significance_mcnemar(known[i].first, known[i].second);
        assert_false(got.exact);
        assert_near(got.statistic, known[i].statistic, 1e-12);
        assert_near(got.p, known[i].p, 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wilson),
        cmocka_unit_test(test_wilson_is_symmetrical_and_narrows),
        cmocka_unit_test(test_few_pairs_are_tested_exactly),
        cmocka_unit_test(test_many_pairs_are_tested_by_chi_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

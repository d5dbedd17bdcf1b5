/*
 * Schedules of the learning rate: their first, highest and last values, and their shape.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "train/learning/schedule.h"

enum { STEPS = 100, EPOCH = 10 };

static double at(const struct schedule *s, size_t step)
{
    return schedule_rate(s, step, STEPS, EPOCH);
}

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 + 1e-9 * fabs(want)))
        fail_msg("%.17g is not %.17g", got, want);
}

static void test_constant(void **state)
{
    (void)state;
    const struct schedule s = {.kind = SCHEDULE_CONSTANT, .rate = 0.001};
    for (size_t i = 0; i < STEPS; i++)
        assert_true(at(&s, i) == 0.001); /* exactly: `reference` depends on it */
}

static void test_step(void **state)
{
    (void)state;
    const struct schedule s = {
        .kind = SCHEDULE_STEP, .rate = 0.8, .step_factor = 0.5, .step_epochs = 3};
    assert_near(at(&s, 0), 0.8);
    assert_near(at(&s, 3 * EPOCH - 1), 0.8);
    assert_near(at(&s, 3 * EPOCH), 0.4);
    assert_near(at(&s, 6 * EPOCH), 0.2);
    assert_near(at(&s, STEPS - 1), 0.1);
}

static void test_cosine(void **state)
{
    (void)state;
    const struct schedule s = {.kind = SCHEDULE_COSINE, .rate = 1, .final = 0.2};
    assert_near(at(&s, 0), 1);
    assert_near(at(&s, STEPS / 2), 0.6);
    assert_near(at(&s, STEPS / 4), 0.6 + 0.4 * sqrt(0.5));
    for (size_t i = 1; i < STEPS; i++)
        assert_true(at(&s, i) < at(&s, i - 1) && at(&s, i) > 0.2);
}

static void test_warm_up_is_a_line(void **state)
{
    (void)state;
    for (size_t kind = SCHEDULE_CONSTANT; kind <= SCHEDULE_COSINE; kind++) {
        const struct schedule s = {
            .kind = kind, .rate = 1, .warm_up = 0.09, .step_factor = 0.5, .step_epochs = 50};
        for (size_t i = 0; i < 9; i++)
            assert_near(at(&s, i), (double)(i + 1) / 10);
        assert_near(at(&s, 9), 1);
    }
}

/* From torch.optim.lr_scheduler.OneCycleLR(max_lr=0.006, total_steps=100, pct_start=0.3). */
static void test_one_cycle_is_pytorchs(void **state)
{
    (void)state;
    const struct schedule s = {.kind = SCHEDULE_ONE_CYCLE, .rate = 0.006, .warm_up = 0.3};
    static const struct {
        size_t step;
        double rate;
    } want[] = {
        {0, 0.00023999999999999976},  {1, 0.00025688268339544434},
        {10, 0.0017709836907846043},  {29, 0.006},
        {30, 0.005996979211707146},   {64, 0.003000012},
        {98, 3.0447882928547278e-06}, {99, 2.4e-08},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_near(at(&s, want[i].step), want[i].rate);
}

static void test_one_cycle_of_few_steps(void **state)
{
    (void)state;
    const struct schedule s = {.kind = SCHEDULE_ONE_CYCLE, .rate = 1, .warm_up = 0.3};
    for (size_t steps = 1; steps < 8; steps++)
        for (size_t i = 0; i < steps; i++) {
            double rate = schedule_rate(&s, i, steps, steps);
            assert_true(rate > 0 && rate <= 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_cosine),
        cmocka_unit_test(test_warm_up_is_a_line),
        cmocka_unit_test(test_one_cycle_is_pytorchs),
        cmocka_unit_test(test_one_cycle_of_few_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

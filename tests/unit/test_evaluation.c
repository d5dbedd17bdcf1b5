/*
 * Accuracy, loss, confusion matrix and the figures of a class, against sums done by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "train/evaluation.h"

static void assert_near(double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%.17g is not %.17g", got, want);
}

/* Probability 0.55 for `digit`, 0.05 for each other. */
static void says(float out[DIGIT_CLASSES], size_t digit)
{
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        out[i] = i == digit ? 0.55f : 0.05f;
}

static struct evaluation five_answers(void)
{
    static const uint8_t labels[] = {1, 1, 1, 2, 3};
    static const size_t answers[] = {1, 1, 2, 2, 1};
    float probabilities[5 * DIGIT_CLASSES];
    struct evaluation e = {0};
    for (size_t i = 0; i < 5; i++)
        says(probabilities + i * DIGIT_CLASSES, answers[i]);
    evaluation_add(&e, probabilities, labels, 2);
    evaluation_add(&e, probabilities + 2 * DIGIT_CLASSES, labels + 2, 3);
    return e;
}

static void test_counts(void **state)
{
    (void)state;
    struct evaluation e = five_answers();
    assert_int_equal(e.count, 5);
    assert_int_equal(e.correct, 3);
    assert_int_equal(e.confusion[1][1], 2);
    assert_int_equal(e.confusion[1][2], 1);
    assert_int_equal(e.confusion[3][1], 1);
    assert_near(evaluation_accuracy(&e), 0.6, 1e-12);
    assert_near(evaluation_loss(&e), -(3 * log(0.55) + 2 * log(0.05)) / 5, 1e-6);
}

static void test_figures_of_a_class(void **state)
{
    (void)state;
    struct evaluation e = five_answers();
    struct evaluation_class one = evaluation_class_at(&e, 1);
    assert_int_equal(one.count, 3);
    assert_near(one.precision, 2.0 / 3, 1e-12);
    assert_near(one.recall, 2.0 / 3, 1e-12);
    struct evaluation_class two = evaluation_class_at(&e, 2);
    assert_near(two.precision, 0.5, 1e-12);
    assert_near(two.recall, 1, 1e-12);
    assert_near(two.f1, 2.0 / 3, 1e-12);
    struct evaluation_class absent = evaluation_class_at(&e, 9);
    assert_int_equal(absent.count, 0);
    assert_near(absent.precision + absent.recall + absent.f1, 0, 0);
}

static void test_loss_stays_finite(void **state)
{
    (void)state;
    const float probabilities[DIGIT_CLASSES] = {1};
    const uint8_t label = 4;
    struct evaluation e = {0};
    evaluation_add(&e, probabilities, &label, 1);
    assert_true(isfinite(evaluation_loss(&e)));
    assert_true(evaluation_loss(&e) > 80);
}

static void test_argmax_takes_the_first_of_equals(void **state)
{
    (void)state;
    const float probabilities[DIGIT_CLASSES] = {0.1f, 0.3f, 0.2f, 0.3f};
    assert_int_equal(evaluation_argmax(probabilities), 1);
}

/* Says that each picture is what its first pixel says, and how many it was given. */
static bool first_pixel(void *state, const float *pixels, size_t count, float *probabilities,
                        struct error *err)
{
    size_t *given = state;
    *given += count;
    if (*given > 700)
        return error_set(err, ERROR_ENGINE, "no more");
    for (size_t i = 0; i < count; i++)
        says(probabilities + i * DIGIT_CLASSES, (size_t)lroundf(pixels[i * DIGIT_PIXELS] * 255.0f));
    return true;
}

static void test_runs_over_a_set_in_parts(void **state)
{
    (void)state;
    enum { COUNT = 800 };
    static uint8_t pixels[COUNT * DIGIT_PIXELS];
    static uint8_t labels[COUNT];
    struct mnist set = {.count = COUNT, .pixels = pixels, .labels = labels};
    for (size_t i = 0; i < COUNT; i++)
        pixels[i * DIGIT_PIXELS] = labels[i] = (uint8_t)(i % 10);
    labels[600] = 5;
    size_t given = 0;
    const struct evaluation_source source = {first_pixel, &given};
    struct evaluation e;
    struct error err = {0};
    assert_true(evaluation_run(&e, &source, &set, 601, NULL, &err));
    assert_int_equal(e.count, 601);
    assert_int_equal(e.correct, 600);
    assert_int_equal(e.confusion[5][0], 1);
    given = 0;
    assert_false(evaluation_run(&e, &source, &set, COUNT, NULL, &err));
    assert_string_equal(err.text, "no more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_figures_of_a_class),
        cmocka_unit_test(test_loss_stays_finite),
        cmocka_unit_test(test_argmax_takes_the_first_of_equals),
        cmocka_unit_test(test_runs_over_a_set_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

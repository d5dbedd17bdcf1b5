/*
 * Answers kept: which are right, which are the worst, and what two models' differ in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "train/lab/answers.h"
#include "train/lab/comparison.h"

enum { COUNT = 8 };

/* Each picture's first pixel says the answer, its second the confidence (of 255). */
static bool two_pixels(void *state, const float *pixels, size_t count, float *probabilities,
                       struct error *err)
{
    (void)state;
    (void)err;
    for (size_t i = 0; i < count; i++) {
        size_t answer = (size_t)lroundf(pixels[i * DIGIT_PIXELS] * 255.0f);
        float confidence = pixels[i * DIGIT_PIXELS + 1];
        for (size_t d = 0; d < DIGIT_CLASSES; d++)
            probabilities[i * DIGIT_CLASSES + d] = d == answer ? confidence : (1 - confidence) / 9;
    }
    return true;
}

static bool refuses(void *state, const float *pixels, size_t count, float *probabilities,
                    struct error *err)
{
    (void)state;
    (void)pixels;
    (void)count;
    (void)probabilities;
    return error_set(err, ERROR_ENGINE, "no");
}

static void ask(struct answers *a, const uint8_t says[COUNT][3], uint8_t *labels)
{
    static uint8_t pixels[COUNT * DIGIT_PIXELS];
    const struct evaluation_source source = {two_pixels, NULL};
    struct mnist set = {.count = COUNT, .pixels = pixels, .labels = labels};
    struct error err = {0};
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = says[i][0];
        pixels[i * DIGIT_PIXELS] = says[i][1];
        pixels[i * DIGIT_PIXELS + 1] = says[i][2];
    }
    assert_true(answers_ask(a, &source, &set, COUNT, NULL, &err));
}

/* digit, answer, confidence */
static const uint8_t first[COUNT][3] = {{1, 1, 250}, {2, 3, 200}, {3, 3, 99},  {4, 9, 250},
                                        {5, 6, 100}, {6, 6, 200}, {7, 1, 225}, {8, 8, 255}};
static const uint8_t second[COUNT][3] = {{1, 1, 250}, {2, 2, 200}, {3, 4, 99},  {4, 4, 250},
                                         {5, 7, 100}, {6, 6, 200}, {7, 7, 225}, {8, 8, 255}};

static void test_worst_come_first(void **state)
{
    (void)state;
    uint8_t labels[COUNT];
    uint32_t worst[COUNT];
    struct answers a;
    ask(&a, first, labels);
    assert_int_equal(a.evaluation.correct, 4);
    assert_int_equal(a.calibration.count, COUNT);
    assert_true(answers_right(&a, 0));
    assert_int_equal(answers_prediction(&a, 3), 9);
    assert_int_equal(answers_worst(worst, COUNT, &a), 4);
    assert_int_equal(worst[0], 3);
    assert_int_equal(worst[1], 6);
    assert_int_equal(worst[2], 1);
    assert_int_equal(worst[3], 4);
    assert_int_equal(answers_worst(worst, 2, &a), 2);
    assert_int_equal(worst[0], 3);
    assert_int_equal(worst[1], 6);
    assert_int_equal(answers_worst(worst, 0, &a), 0);
    answers_free(&a);
}

static void test_failure_leaves_nothing(void **state)
{
    (void)state;
    static uint8_t pixels[DIGIT_PIXELS], labels[1];
    const struct evaluation_source source = {refuses, NULL};
    const struct mnist set = {.count = 1, .pixels = pixels, .labels = labels};
    struct answers a;
    struct error err = {0};
    assert_false(answers_ask(&a, &source, &set, 1, NULL, &err));
    assert_null(a.probabilities);
    assert_string_equal(err.text, "no");
}

static void test_two_models(void **state)
{
    (void)state;
    uint8_t labels[COUNT];
    uint32_t indices[COUNT];
    struct answers answers[2];
    struct comparison c;
    ask(&answers[0], first, labels);
    ask(&answers[1], second, labels);
    comparison_make(&c, NULL, answers);
    assert_int_equal(c.both_right, 3);
    assert_int_equal(c.only[0], 1);
    assert_int_equal(c.only[1], 3);
    assert_int_equal(c.both_wrong, 1);
    assert_int_equal(c.agreed, 3);
    assert_true(c.test.exact);
    if (fabs(c.test.p - 10.0 / 16) > 1e-12)
        fail_msg("%.17g", c.test.p);
    assert_int_equal(comparison_differences(indices, COUNT, &c), 5);
    assert_int_equal(indices[0], 1);
    assert_int_equal(indices[3], 6);
    assert_int_equal(indices[4], 4); /* both are wrong: last */
    answers_free(&answers[0]);
    answers_free(&answers[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worst_come_first),
        cmocka_unit_test(test_failure_leaves_nothing),
        cmocka_unit_test(test_two_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

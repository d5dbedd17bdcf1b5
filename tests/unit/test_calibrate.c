/*
 * Calibration: the temperature that made the answers too sure is found again, and one answer in two
 * hundred falls below the threshold.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "train/learning/amount.h"
#include "train/learning/calibrate.h"

enum { COUNT = 4000 };

static float probabilities[COUNT * DIGIT_CLASSES], confidences[COUNT];
static uint8_t labels[COUNT];

/* Answers that are right as often as they say, and then as sure as `temperature` makes them. */
static void answer(double temperature)
{
    struct order_random random;
    order_seed(&random, 11);
    for (size_t i = 0; i < COUNT; i++) {
        double logits[DIGIT_CLASSES], sum = 0, hot = 0;
        for (size_t k = 0; k < DIGIT_CLASSES; k++) {
            logits[k] = 2.0 * (double)amount_normal(&random);
            sum += exp(logits[k]);
            hot += exp(logits[k] * temperature);
        }
        double which = amount_chance(&random) * sum;
        size_t label = 0;
        for (; label < DIGIT_CLASSES - 1 && which >= exp(logits[label]); label++)
            which -= exp(logits[label]);
        labels[i] = (uint8_t)label;
        for (size_t k = 0; k < DIGIT_CLASSES; k++)
            probabilities[i * DIGIT_CLASSES + k] = (float)(exp(logits[k] * temperature) / hot);
    }
}

static void the_temperature_is_found(void **state)
{
    (void)state;
    static const double temperatures[] = {0.5, 1, 2.5};
    for (size_t i = 0; i < 3; i++) {
        answer(temperatures[i]);
        struct confidence c = calibrate(probabilities, labels, COUNT, confidences);
        assert_true(fabs(c.temperature / temperatures[i] - 1) < 0.08);
    }
}

static void a_two_hundredth_is_uncertain(void **state)
{
    (void)state;
    answer(1.5);
    struct confidence c = calibrate(probabilities, labels, COUNT, confidences);
    size_t uncertain = 0;
    for (size_t i = 0; i < COUNT; i++)
        uncertain +=
            confidence_is_uncertain(&c, confidence_of(&c, probabilities + i * DIGIT_CLASSES));
    assert_in_range(uncertain, COUNT / 200 - 2, COUNT / 200 + 2);
}

/* As a network gives them where it is certain: 1 and 0 exactly. */
static void certainty_is_no_trouble(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = (uint8_t)(i % DIGIT_CLASSES);
        for (size_t k = 0; k < DIGIT_CLASSES; k++)
            probabilities[i * DIGIT_CLASSES + k] = k == labels[i] ? 1.0f : 0.0f;
    }
    struct confidence c = calibrate(probabilities, labels, COUNT, confidences);
    assert_true(c.temperature >= 0.19 && c.temperature <= 5.1);
    assert_true(c.threshold > 0.99 && c.threshold <= 1);
}

static void nothing_held_back_gives_the_default(void **state)
{
    (void)state;
    struct confidence c = calibrate(NULL, NULL, 0, NULL);
    assert_true(c.temperature == 1 && c.threshold == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_temperature_is_found),
        cmocka_unit_test(a_two_hundredth_is_uncertain),
        cmocka_unit_test(certainty_is_no_trouble),
        cmocka_unit_test(nothing_held_back_gives_the_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

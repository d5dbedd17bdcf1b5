/*
 * Confidence: a softmax at a temperature, from probabilities alone.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/confidence.h"

static const double logits[DIGIT_CLASSES] = {-3, 4.5, 0, 4, -60, 2, 1, -1, 0.5, 3};

/* The highest probability of a softmax over the logits. */
static double softmax(float out[DIGIT_CLASSES], double temperature)
{
    double sum = 0, most = 0;
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        sum += exp(logits[i] / temperature);
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        double p = exp(logits[i] / temperature) / sum;
        most = fmax(most, p);
        if (out != NULL)
            out[i] = (float)p;
    }
    return most;
}

static void it_is_a_softmax_at_a_temperature(void **state)
{
    (void)state;
    float probabilities[DIGIT_CLASSES];
    softmax(probabilities, 1);
    for (double temperature = 0.25; temperature < 5; temperature *= 1.5) {
        const struct confidence c = {.temperature = temperature};
        assert_true(fabs(confidence_of(&c, probabilities) - softmax(NULL, temperature)) < 1e-6);
    }
}

static void at_one_it_is_the_probability(void **state)
{
    (void)state;
    float probabilities[DIGIT_CLASSES] = {0.1f, 0.7f, 0.2f};
    assert_true(confidence_of(&confidence_default, probabilities) == 0.7f);
}

static void zeros_and_ones_are_no_trouble(void **state)
{
    (void)state;
    const float sure[DIGIT_CLASSES] = {[4] = 1.0f};
    const struct confidence hot = {.temperature = 20}, cold = {.temperature = 0.05};
    assert_true(confidence_of(&hot, sure) == 1.0f);
    assert_true(confidence_of(&cold, sure) == 1.0f);
    float alike[DIGIT_CLASSES];
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        alike[i] = 0.1f;
    assert_true(fabsf(confidence_of(&cold, alike) - 0.1f) < 1e-6f);
}

static void what_is_below_the_threshold_is_uncertain(void **state)
{
    (void)state;
    assert_true(confidence_is_uncertain(&confidence_default, 0.49f));
    assert_false(confidence_is_uncertain(&confidence_default, 0.5f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_softmax_at_a_temperature),
        cmocka_unit_test(at_one_it_is_the_probability),
        cmocka_unit_test(zeros_and_ones_are_no_trouble),
        cmocka_unit_test(what_is_below_the_threshold_is_uncertain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The trainer's loss where a picture shows no digit: the cross entropy to ten equal shares.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/digit.h"
#include "train/learning/order.h"
#include "train/learning/trainer.h"

enum { COUNT = 6 };

static const uint8_t labels[COUNT] = {3, TRAINER_NO_DIGIT, 7, TRAINER_NO_DIGIT, 0, 9};

static void fill(float pixels[COUNT * DIGIT_PIXELS])
{
    struct order_random random;
    order_seed(&random, 9);
    for (size_t i = 0; i < COUNT * DIGIT_PIXELS; i++)
        pixels[i] = (float)(order_next(&random) >> 40) * 0x1p-24f;
}

/* What the loss should be, from probabilities. */
static double expected(const float *probabilities, size_t *right)
{
    double sum = 0;
    *right = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const float *p = probabilities + i * DIGIT_CLASSES;
        size_t best = 0;
        double all = 0;
        for (size_t k = 0; k < DIGIT_CLASSES; k++) {
            best = p[k] > p[best] ? k : best;
            all -= log((double)p[k]) / DIGIT_CLASSES;
        }
        bool is_none = labels[i] == TRAINER_NO_DIGIT;
        sum += is_none ? all : -log((double)p[labels[i]]);
        *right += is_none ? p[best] <= 0.5f : best == labels[i];
    }
    return sum / COUNT;
}

static void no_digit_should_be_all_digits_alike(void **state)
{
    (void)state;
    static float pixels[COUNT * DIGIT_PIXELS], probabilities[COUNT * DIGIT_CLASSES];
    const struct trainer_options options = {.seed = 1, .threads = 1, .device = "cpu"};
    const struct trainer_type *type;
    struct network net;
    struct error err = {0};
    void *trainer;
    double loss;
    size_t right, right_expected;
    fill(pixels);
    assert_true(network_named(&net, "cnn", &err));
    assert_true(trainer_find(&type, 1, &err));
    assert_true(type->open(&trainer, &net, &options, &err));
    /* After a few steps no answer is near a tenth any more. */
    for (int i = 0; i < 30; i++)
        assert_true(type->step(trainer, pixels, labels, COUNT, 1e-3, &loss, &right, &err));
    double before = loss;
    assert_true(type->predict(trainer, pixels, COUNT, probabilities, &err));
    assert_true(type->step(trainer, pixels, labels, COUNT, 1e-3, &loss, &right, &err));
    assert_true(fabs(loss - expected(probabilities, &right_expected)) < 1e-5);
    assert_int_equal(right, right_expected);
    assert_true(loss <= before);
    type->close(trainer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_digit_should_be_all_digits_alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

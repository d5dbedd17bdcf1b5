/*
 * Pure functions; one thread.
 */
#include "train/learning/calibrate.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Of this share of the answers we accept that they are called uncertain without need. */
static const double uncertain_share = 0.005;

/* A softmax's 0 is not quite that. */
static double log_of(float probability)
{
    return log((double)fmaxf(probability, FLT_MIN));
}

/* The mean of -ln(probability of the label) at a temperature. */
static double loss_at(double temperature, const float *probabilities, const uint8_t *labels,
                      size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const float *p = probabilities + i * DIGIT_CLASSES;
        double all = 0, own = log_of(p[labels[i]]) / temperature;
        for (size_t k = 0; k < DIGIT_CLASSES; k++)
            all += exp(log_of(p[k]) / temperature - own);
        sum += log(all);
    }
    return sum / (double)count;
}

/* Golden-section search (Kiefer, "Sequential minimax search for a maximum", 1953) over the
 * temperature's logarithm; the loss has one minimum. */
static double find_temperature(const float *probabilities, const uint8_t *labels, size_t count)
{
    const double golden = 0.6180339887498949;
    double low = log(0.2), high = log(5.0);
    double a = high - golden * (high - low), b = low + golden * (high - low);
    double loss_a = loss_at(exp(a), probabilities, labels, count);
    double loss_b = loss_at(exp(b), probabilities, labels, count);
    while (high - low > 1e-3) {
        if (loss_a < loss_b) {
            high = b;
            b = a, loss_b = loss_a;
            a = high - golden * (high - low);
            loss_a = loss_at(exp(a), probabilities, labels, count);
        } else {
            low = a;
            a = b, loss_a = loss_b;
            b = low + golden * (high - low);
            loss_b = loss_at(exp(b), probabilities, labels, count);
        }
    }
    return exp((low + high) / 2);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

struct confidence calibrate(const float *probabilities, const uint8_t *labels, size_t count,
                            float *confidences)
{
    struct confidence c = confidence_default;
    if (count == 0)
        return c;
    c.temperature = find_temperature(probabilities, labels, count);
    for (size_t i = 0; i < count; i++)
        confidences[i] = confidence_of(&c, probabilities + i * DIGIT_CLASSES);
    qsort(confidences, count, sizeof *confidences, by_size);
    c.threshold = (double)confidences[(size_t)(uncertain_share * (double)count)];
    return c;
}

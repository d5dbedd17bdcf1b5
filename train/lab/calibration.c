/*
 * Bins of confidence. One thread; does not know what made the probabilities.
 */
#include "train/lab/calibration.h"

#include <math.h>

#include "train/evaluation.h"

static size_t bin_of(double confidence)
{
    double index = ceil(confidence * CALIBRATION_BINS) - 1;
    return (size_t)fmin(fmax(index, 0), CALIBRATION_BINS - 1);
}

void calibration_add(struct calibration *c, const float *probabilities, const uint8_t *labels,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float *p = probabilities + i * DIGIT_CLASSES;
        size_t answer = evaluation_argmax(p);
        struct calibration_bin *bin = &c->bins[bin_of((double)p[answer])];
        bin->count++;
        bin->correct += answer == labels[i];
        bin->confidence_sum += (double)p[answer];
    }
    c->count += count;
}

double calibration_error(const struct calibration *c)
{
    double sum = 0;
    for (size_t i = 0; i < CALIBRATION_BINS; i++)
        sum += fabs((double)c->bins[i].correct - c->bins[i].confidence_sum);
    return c->count > 0 ? sum / (double)c->count : 0;
}

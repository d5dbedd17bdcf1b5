/*
 * Whether a model is right as often as it says: confidences in bins, and their expected
 * calibration error (Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks",
 * 2017).
 */
#ifndef DIGIT_CALIBRATION_H
#define DIGIT_CALIBRATION_H

#include <stddef.h>
#include <stdint.h>

#include "model/digit.h"

enum { CALIBRATION_BINS = 15 };

/* The answers whose confidence lies above index / 15 and up to (index + 1) / 15. */
struct calibration_bin {
    size_t count;
    size_t correct;
    double confidence_sum;
};

struct calibration {
    size_t count;
    struct calibration_bin bins[CALIBRATION_BINS];
};

/* Adds count x 10 probabilities and their labels. The confidence is that of the answer: the highest
 * probability. */
void calibration_add(struct calibration *c, const float *probabilities, const uint8_t *labels,
                     size_t count);

/* The mean distance between confidence and accuracy over the bins, weighted by their counts; 0
 * when there is nothing. */
double calibration_error(const struct calibration *c);

#endif

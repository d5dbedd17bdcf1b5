/*
 * What a model's card says of its confidence, found on pictures that it has not learned from.
 */
#ifndef DIGIT_CALIBRATE_H
#define DIGIT_CALIBRATE_H

#include <stddef.h>
#include <stdint.h>

#include "model/confidence.h"

/* From count x 10 probabilities and their labels: the temperature at which the labels are
 * likeliest, and a threshold below which a two-hundredth of these answers fall. With a count of 0,
 * the default. `confidences` has room for `count`, and holds them afterwards, the lowest first. */
struct confidence calibrate(const float *probabilities, const uint8_t *labels, size_t count,
                            float *confidences);

#endif

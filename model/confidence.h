/*
 * How sure a model may say it is. A network's highest probability is no such thing by itself:
 * networks are surer than they are right, or less sure. Divided by a temperature before the
 * softmax, which is found on pictures that were held back, the logits give probabilities that agree
 * with how often the answer is right (Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern
 * Neural Networks", 2017).
 */
#ifndef DIGIT_CONFIDENCE_H
#define DIGIT_CONFIDENCE_H

#include <stdbool.h>

#include "model/digit.h"

struct confidence {
    double temperature; /* above 1: the network is surer than it is right */
    double threshold;   /* an answer less sure than this is uncertain */
};

/* Of a model of which nothing is known. */
static const struct confidence confidence_default = {.temperature = 1, .threshold = 0.5};

/* The confidence, 0..1, of the answer with the highest of these probabilities. Needs no logits: a
 * softmax with a temperature is its probabilities' powers, made to sum to 1. Any thread. */
float confidence_of(const struct confidence *c, const float probabilities[DIGIT_CLASSES]);

static inline bool confidence_is_uncertain(const struct confidence *c, float confidence)
{
    return confidence < (float)c->threshold;
}

#endif

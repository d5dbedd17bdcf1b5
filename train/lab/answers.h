/*
 * All that a model says about a set of pictures, kept, so that more than sums can be had from it:
 * calibration, the worst mistakes, a comparison with another model.
 */
#ifndef DIGIT_ANSWERS_H
#define DIGIT_ANSWERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/error.h"
#include "train/dataset/mnist.h"
#include "train/evaluation.h"
#include "train/lab/calibration.h"

struct answers {
    size_t count;
    float *probabilities;  /* owned: count x 10 */
    const uint8_t *labels; /* lent by the set */
    struct evaluation evaluation;
    struct calibration calibration;
};

/* Fills *out with what `source` says about the first `count` pictures of the set, which must last
 * as long. Progress goes to `progress`, which may be NULL. On failure *out is empty. */
bool answers_ask(struct answers *out, const struct evaluation_source *source,
                 const struct mnist *set, size_t count, FILE *progress,
                 struct error *err) MUST_CHECK;

/* About the index-th picture. */
size_t answers_prediction(const struct answers *a, size_t index);
double answers_probability(const struct answers *a, size_t index, size_t digit);
bool answers_right(const struct answers *a, size_t index);

/* Fills `indices` with up to `max` pictures whose answer is wrong, the least probable label first,
 * and gives their number. */
size_t answers_worst(uint32_t *indices, size_t max, const struct answers *a);

/* Accepts empty answers. */
void answers_free(struct answers *a);

#endif

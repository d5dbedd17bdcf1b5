/*
 * What is in a data set: how many of each digit, what the pixels are like, the mean of each class.
 */
#ifndef DIGIT_CENSUS_H
#define DIGIT_CENSUS_H

#include <stddef.h>
#include <stdint.h>

#include "model/digit.h"
#include "model/error.h"
#include "train/dataset/mnist.h"

/* Pixels are 0..255. */
struct census {
    size_t count;
    size_t classes[DIGIT_CLASSES];
    uint8_t min, max;
    double mean;
    double deviation;
    double blank;                               /* share of pixels that are 0 */
    uint8_t means[DIGIT_CLASSES][DIGIT_PIXELS]; /* 0 for a class without pictures */
};

void census_take(struct census *out, const struct mnist *set);

/* Pictures that are the same, pixel by pixel. */
struct census_duplicates {
    size_t first;       /* of the first set: those that an earlier one of it equals */
    size_t second;      /* of the second set likewise */
    size_t across;      /* of the second set: those that one of the first set equals */
    size_t other_label; /* those of all these whose twin has another label */
};

bool census_find_duplicates(struct census_duplicates *out, const struct mnist *first,
                            const struct mnist *second, struct error *err) MUST_CHECK;

#endif

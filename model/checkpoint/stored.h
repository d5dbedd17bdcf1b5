/*
 * A tensor as a file stores it: a window of some strides on a record of some element type.
 */
#ifndef DIGIT_CHECKPOINT_STORED_H
#define DIGIT_CHECKPOINT_STORED_H

#include <stddef.h>
#include <stdint.h>

#include "model/checkpoint.h"
#include "model/error.h"

enum { STORED_RECORD_SIZE = 32 };

enum stored_element {
    STORED_FLOAT32,
    STORED_FLOAT16,
    STORED_BFLOAT16,
    STORED_FLOAT64,
    STORED_ELEMENTS
};

struct stored {
    char name[CHECKPOINT_NAME_SIZE];
    char record[STORED_RECORD_SIZE]; /* "data/0" */
    enum stored_element element;
    size_t record_count; /* elements that the record must have */
    size_t offset;       /* in elements, like the strides */
    size_t rank;
    size_t shape[CHECKPOINT_RANK_MAX];
    size_t strides[CHECKPOINT_RANK_MAX];
    size_t count; /* of the window, by stored_check */
};

/* Fills s->count. Fails unless each element of the window lies within the record. */
bool stored_check(struct stored *s, struct error *err) MUST_CHECK;

/* Fills s->count floats, row-major, from the record. The window must have been checked. Fails when
 * the record's length is not the declared one, or a number is not finite. */
bool stored_gather(float *out, const struct stored *s, const uint8_t *record, size_t len,
                   struct error *err) MUST_CHECK;

#endif

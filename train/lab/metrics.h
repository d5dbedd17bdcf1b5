/*
 * The log that training keeps: a line of JSON after each epoch, or more often.
 */
#ifndef DIGIT_METRICS_H
#define DIGIT_METRICS_H

#include <stddef.h>

#include "model/error.h"

/* The figures of a line, in this order; its members have these names. */
#define METRICS_TABLE(X)   \
    X(epoch)               \
    X(step)                \
    X(loss)                \
    X(accuracy)            \
    X(validation_loss)     \
    X(validation_accuracy) \
    X(learning_rate)       \
    X(images_per_second)   \
    X(seconds)

/* Each a NaN where the line does not tell it; the epoch always is. */
struct metrics_row {
#define X(name) double name;
    METRICS_TABLE(X)
#undef X
};

struct metrics {
    struct metrics_row *rows; /* owned */
    size_t count;
};

/* Reads a log. Members and lines of other kinds (objects without an epoch) are passed by, and so is
 * a last line that is cut off. Fails with one line that names the file and the line when there is
 * none of ours, or one is no JSON. On failure *out is empty. */
bool metrics_read(struct metrics *out, const char *path, struct error *err) MUST_CHECK;

/* The same from memory; the error's text is about "it". Any bytes may be given. */
bool metrics_parse(struct metrics *out, const char *text, size_t len, struct error *err) MUST_CHECK;

/* Accepts empty metrics. */
void metrics_free(struct metrics *m);

#endif

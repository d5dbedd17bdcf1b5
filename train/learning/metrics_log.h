/*
 * The course of a training run as JSON lines, one an epoch, for plots and for people.
 */
#ifndef DIGIT_METRICS_LOG_H
#define DIGIT_METRICS_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/error.h"

struct metrics_line {
    size_t epoch; /* whole ones: 1 after the first */
    size_t step;  /* since the start */
    double loss;  /* on the training pictures, as they were seen */
    double accuracy;
    bool validated; /* whether there are the next two */
    double validation_loss;
    double validation_accuracy;
    double learning_rate; /* of the last step */
    double images_per_second;
    double seconds; /* of work since the start */
};

/* Opens the file for writing and keeps its first `keep` bytes; "" opens nothing, and *out is NULL.
 * `keep` is what metrics_log_len gave when a run was interrupted, else 0. */
bool metrics_log_open(FILE **out, const char *path, uint64_t keep, struct error *err) MUST_CHECK;

/* Writes a line, which is in the file on return. `log` may be NULL, and nothing is written then. */
bool metrics_log_add(FILE *log, const struct metrics_line *line, struct error *err) MUST_CHECK;

/* Bytes until now; 0 for NULL. */
uint64_t metrics_log_len(FILE *log);

/* Accepts NULL. */
void metrics_log_close(FILE *log);

#endif

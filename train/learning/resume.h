/*
 * A training run in a file, so that it can go on later as if nothing had happened: its results are
 * the same bit for bit.
 *
 * The file is a state dict like any other: the trainer's tensors ("trainer.weights", ...), the best
 * weights until now, if they are kept ("best.conv1.weight", ...), and "run": the bytes of a text
 * with a line for each setting and figure, a float each.
 */
#ifndef DIGIT_RESUME_H
#define DIGIT_RESUME_H

#include <stddef.h>
#include <stdint.h>

#include "model/checkpoint.h"
#include "model/error.h"
#include "train/learning/trainer.h"

enum { RESUME_SETTINGS_SIZE = 2048 };

/* How far a run has come. */
struct resume_point {
    size_t epoch; /* the current one, from 0 */
    size_t seen;  /* pictures of it; 0 between two epochs */
    size_t correct;
    double loss_sum;
    size_t step;       /* since the start */
    double seconds;    /* of work since the start */
    uint64_t log_len;  /* see train/learning/metrics_log.h */
    size_t best_epoch; /* whole epochs after which validation was best; 0: none was validated */
    double best_loss;
    double best_accuracy;
};

/* Writes all of a run, atomically. `settings` is a line of all that its results depend on. `best`
 * may be NULL. */
bool resume_save(const char *path, const char *settings, const struct resume_point *point,
                 const struct checkpoint *best, const struct trainer_type *type, void *trainer,
                 struct error *err) MUST_CHECK;

/* Takes a run up again: fills *point and the trainer, and *best (the caller's), which becomes NULL
 * where none was kept. Fails when the file was written by a run with other settings. */
bool resume_load(const char *path, const char *settings, struct resume_point *point,
                 struct checkpoint **best, const struct trainer_type *type, void *trainer,
                 struct error *err) MUST_CHECK;

#endif

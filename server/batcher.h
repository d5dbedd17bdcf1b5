/*
 * Jobs gathered into batches for the engine.
 *
 * A lane belongs to one thread: only that thread submits to it and ends its turns. Lanes share
 * nothing.
 */
#ifndef DIGIT_BATCHER_H
#define DIGIT_BATCHER_H

#include <stddef.h>

#include "model/error.h"

struct batcher;

/* Some images of one request. The submitter owns it and everything in it. */
struct batch_job {
    const float *pixels; /* count x image_len */
    size_t count;
    float *probabilities; /* count x classes */
    /* Ends the batcher's use of the job. `err` is NULL when the probabilities are filled. */
    void (*done)(struct batch_job *job, const struct error *err);
    struct batch_job *next; /* the batcher's */
};

/* Computes a batch; any number of threads at once. */
typedef bool batch_function(void *context, const float *pixels, size_t count, float *probabilities,
                            struct error *err);

struct batcher_options {
    size_t lanes;
    size_t batch_max; /* images computed at once */
    size_t image_len; /* floats in an image */
    size_t classes;   /* floats in an answer */
    batch_function *compute;
    void *context;
};

bool batcher_start(struct batcher **out, const struct batcher_options *options,
                   struct error *err) MUST_CHECK;

/* Takes a job until its `done`, which runs at the end of the lane's turn at the latest. */
void batcher_submit(struct batcher *b, size_t lane, struct batch_job *job);

/* Ends a turn: everything submitted to the lane is computed and done when this returns. */
void batcher_turn(struct batcher *b, size_t lane);

/* No lane may hold a job. Accepts NULL. */
void batcher_stop(struct batcher *b);

#endif

/*
 * Jobs gathered into batches for the engine: on the thread that brings them, or by workers behind a
 * bounded queue. Both stand behind this one interface; server/batcher/batcher.c says which is for
 * what.
 *
 * A lane belongs to one thread: only that thread submits to it and ends its turns.
 */
#ifndef DIGIT_BATCHER_H
#define DIGIT_BATCHER_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

struct batcher;

/* Some images of one request. The submitter owns it and everything in it. */
struct batch_job {
    const float *pixels; /* count x image_len */
    size_t count;
    float *probabilities; /* count x classes */
    int64_t timeout_ns;   /* when it has waited for so long, it is not computed any more */
    /* Ends the batcher's use of the job. `held` is what computed it, lent until this returns; NULL
     * when it was not computed. `err` is NULL when the probabilities are filled. */
    void (*done)(struct batch_job *job, const void *held, const struct error *err);
    int64_t queue_ns;     /* filled before `done`: how long it waited for its batch, */
    int64_t compute_ns;   /* and how long that was computed; 0: it was not */
    int64_t submitted_ns; /* when it was submitted; this and the next are the batcher's */
    struct batch_job *next;
};

/* What computes batches may be replaced while the batcher runs. So each thread holds it for the
 * time of one batch, from before it is computed until its last job is done. `thread` is a lane's
 * number, and `lanes` and up are the workers'; nothing is held twice by one thread. Must not block.
 */
typedef const void *batch_hold(void *context, size_t thread);
typedef void batch_release(void *context, size_t thread);

/* Computes a batch with what is held; any number of threads at once. */
typedef bool batch_function(const void *held, const float *pixels, size_t count,
                            float *probabilities, struct error *err);

/* Hears of each batch that was computed, on the thread that did. May be NULL. */
typedef void batch_observe(void *context, size_t thread, size_t images, int64_t compute_ns);

struct batcher_options {
    size_t lanes;
    size_t workers;   /* threads that compute; 0: each lane's own thread does */
    size_t queue_max; /* images that may wait: in a lane, or in the workers' queue */
    size_t batch_max; /* images computed at once */
    size_t delay_us;  /* how long a worker waits for a batch to fill; 0: it takes what is there */
    size_t image_len; /* floats in an image */
    size_t classes;   /* floats in an answer */
    batch_hold *hold;
    batch_release *release;
    batch_function *compute;
    batch_observe *observe;
    void *context; /* of hold, release and observe */
};

/* The clock of jobs: CLOCK_MONOTONIC in nanoseconds. */
int64_t batcher_now_ns(void);

bool batcher_start(struct batcher **out, const struct batcher_options *options,
                   struct error *err) MUST_CHECK;

/* Whether `done` runs on a worker's thread, at any time; else it runs in batcher_turn. */
bool batcher_is_deferred(const struct batcher *b);

/* Takes a job until its `done`. Fails with ERROR_OVERLOADED when it would wait behind more than
 * queue_max images; then `done` is not called. A job larger than that is taken when none waits. */
bool batcher_submit(struct batcher *b, size_t lane, struct batch_job *job,
                    struct error *err) MUST_CHECK;

/* Whether a job of one image would be taken now. */
bool batcher_has_room(const struct batcher *b, size_t lane, struct error *err) MUST_CHECK;

/* Ends a turn: unless there are workers, everything submitted to the lane is done on return. */
void batcher_turn(struct batcher *b, size_t lane);

/* Ends the workers once the queue is empty. No lane may hold a job. Accepts NULL. */
void batcher_stop(struct batcher *b);

#endif

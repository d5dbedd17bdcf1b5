/*
 * What a network is to learn from, batch after batch: pictures in the epoch's order, some of them
 * replaced by pictures that are made up, changed as the augmentation says. A thread of its own
 * prepares batches ahead of the one who learns from them.
 *
 * Which pictures a batch holds, and how they are changed, follows from the plan alone: the order of
 * epoch e is the e-th shuffle of the seed's order, and the changes of the picture in place p come
 * from (seed, e, p). No thread and no pause can change it.
 */
#ifndef DIGIT_BATCHES_H
#define DIGIT_BATCHES_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "train/dataset/mnist.h"
#include "train/drawing/augment.h"

struct batches_plan {
    const struct mnist *set; /* lent until batches_stop */
    size_t batch;            /* pictures a batch; the last one of an epoch may have fewer */
    size_t epochs;
    uint64_t seed;
    struct augment augment;
    /* So large a share of the pictures stays as it is; in place of so large a one, there is a digit
     * that was made up, or something that is none (train/drawing/sketch.h). Together 1 at most. */
    double plain;
    double drawn;
    double others;
    size_t epoch; /* where to begin: 0 and 0, or where an earlier run ended */
    size_t place;
};

struct batch {
    const float *pixels;   /* count x 784, 0..1 */
    const uint8_t *labels; /* TRAINER_NO_DIGIT where there is none */
    size_t count;
    size_t epoch; /* from 0 */
    size_t place; /* of its first picture in the epoch */
};

struct batches;

/* Starts the thread. */
bool batches_start(struct batches **out, const struct batches_plan *plan,
                   struct error *err) MUST_CHECK;

/* Lends the next batch until the next call; false past the last one. One thread asks. */
bool batches_next(struct batches *b, struct batch *out);

/* Ends the thread wherever it is. Accepts NULL. */
void batches_stop(struct batches *b);

#endif

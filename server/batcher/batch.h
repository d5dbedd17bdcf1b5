/*
 * A list of jobs, and one thread's means to compute it.
 */
#ifndef DIGIT_BATCH_H
#define DIGIT_BATCH_H

#include "server/batcher.h"

/* Jobs in the order in which they came. Not thread-safe. */
struct batch_list {
    struct batch_job *first;
    struct batch_job **last; /* where the next one is linked */
    size_t images;
};

void batch_list_clear(struct batch_list *list);

/* Whether the list would hold `images_max` images or fewer with so many more, or holds none. */
bool batch_list_has_room(const struct batch_list *list, size_t images, size_t images_max,
                         struct error *err) MUST_CHECK;

/* Appends, unless there is no room. */
bool batch_list_add(struct batch_list *list, struct batch_job *job, size_t images_max,
                    struct error *err) MUST_CHECK;

/* Moves the first jobs to the empty list *out: as many as fit into images_max, but at least one. */
void batch_list_take(struct batch_list *out, struct batch_list *list, size_t images_max);

/* One thread's memory for batches. */
struct batch_room {
    const struct batcher_options *options;
    size_t thread;        /* its number, see batch_hold */
    float *pixels;        /* owned: batch_max images, gathered from several jobs */
    float *probabilities; /* owned */
};

bool batch_room_open(struct batch_room *room, const struct batcher_options *options, size_t thread,
                     struct error *err) MUST_CHECK;

/* Computes what batch_list_take gave, and ends every job of it. */
void batch_run(const struct batch_room *room, struct batch_list *batch);

void batch_room_close(struct batch_room *room);

#endif

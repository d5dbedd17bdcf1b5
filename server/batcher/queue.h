/*
 * A bounded queue of jobs and the workers that compute it.
 */
#ifndef DIGIT_BATCH_QUEUE_H
#define DIGIT_BATCH_QUEUE_H

#include "server/batcher.h"

struct batch_queue;

/* `options` is lent until batch_queue_stop. */
bool batch_queue_start(struct batch_queue **out, const struct batcher_options *options,
                       struct error *err) MUST_CHECK;

/* Any thread. */
bool batch_queue_add(struct batch_queue *q, struct batch_job *job, struct error *err) MUST_CHECK;

/* Whether a job of one image would be taken now. Any thread. */
bool batch_queue_has_room(struct batch_queue *q, struct error *err) MUST_CHECK;

/* Returns when the queue is empty and the workers have ended. Accepts NULL. */
void batch_queue_stop(struct batch_queue *q);

#endif

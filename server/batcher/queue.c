/*
 * The queue and its workers: many threads add, each worker takes a batch at a time. The mutex is
 * held to link and unlink jobs, never while a batch is computed.
 */
#include "server/batcher/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/batcher/batch.h"

struct worker {
    struct batch_queue *queue;
    struct batch_room room;
    pthread_t thread;
};

struct batch_queue {
    const struct batcher_options *options;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a job was added, or `stopping` was set */
    struct batch_list waiting;
    bool stopping;
    size_t worker_count; /* running */
    struct worker workers[];
};

static struct timespec delay_from_now(size_t delay_us)
{
    const int64_t ns = batcher_now_ns() + (int64_t)delay_us * 1000;
    return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

/* Waits until a batch is worth taking; false when there will be none any more. With the mutex. */
static bool wait_for_batch(struct batch_queue *q)
{
    const struct batcher_options *o = q->options;
    while (q->waiting.first == NULL && !q->stopping)
        pthread_cond_wait(&q->changed, &q->mutex);
    if (o->delay_us > 0) {
        const struct timespec until = delay_from_now(o->delay_us);
        while (q->waiting.images < o->batch_max && !q->stopping &&
               pthread_cond_timedwait(&q->changed, &q->mutex, &until) == 0)
            ;
    }
    return q->waiting.first != NULL || !q->stopping;
}

static void *work(void *context)
{
    struct worker *w = context;
    struct batch_queue *q = w->queue;
    struct batch_list batch;
    pthread_mutex_lock(&q->mutex);
    while (wait_for_batch(q)) {
        batch_list_take(&batch, &q->waiting, q->options->batch_max);
        pthread_mutex_unlock(&q->mutex);
        batch_run(&w->room, &batch);
        pthread_mutex_lock(&q->mutex);
    }
    pthread_mutex_unlock(&q->mutex);
    return NULL;
}

static bool start_worker(struct batch_queue *q, struct error *err)
{
    struct worker *w = &q->workers[q->worker_count];
    w->queue = q;
    if (!batch_room_open(&w->room, q->options, q->options->lanes + q->worker_count, err))
        return false;
    int failure = pthread_create(&w->thread, NULL, work, w);
    if (failure == 0)
        return true;
    batch_room_close(&w->room);
    return error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerror(failure));
}

/* Waits on the monotonic clock, which setting the time does not move. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool batch_queue_start(struct batch_queue **out, const struct batcher_options *options,
                       struct error *err)
{
    struct batch_queue *q = calloc(1, sizeof *q + options->workers * sizeof q->workers[0]);
    if (q == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the queue");
    q->options = options;
    pthread_mutex_init(&q->mutex, NULL);
    init_condition(&q->changed);
    batch_list_clear(&q->waiting);
    for (; q->worker_count < options->workers; q->worker_count++) {
        if (start_worker(q, err))
            continue;
        batch_queue_stop(q);
        return false;
    }
    *out = q;
    return true;
}

bool batch_queue_add(struct batch_queue *q, struct batch_job *job, struct error *err)
{
    pthread_mutex_lock(&q->mutex);
    bool added = batch_list_add(&q->waiting, job, q->options->queue_max, err);
    if (added)
        pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->mutex);
    return added;
}

bool batch_queue_has_room(struct batch_queue *q, struct error *err)
{
    pthread_mutex_lock(&q->mutex);
    const bool has_room = batch_list_has_room(&q->waiting, 1, q->options->queue_max, err);
    pthread_mutex_unlock(&q->mutex);
    return has_room;
}

void batch_queue_stop(struct batch_queue *q)
{
    if (q == NULL)
        return;
    pthread_mutex_lock(&q->mutex);
    q->stopping = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->mutex);
    for (size_t i = 0; i < q->worker_count; i++) {
        pthread_join(q->workers[i].thread, NULL);
        batch_room_close(&q->workers[i].room);
    }
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->mutex);
    free(q);
}

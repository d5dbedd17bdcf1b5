/*
 * Lists of jobs, and how one batch is computed. Runs on a lane's thread or a worker's; shares
 * nothing.
 */
#include "server/batcher/batch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t batcher_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void batch_list_clear(struct batch_list *list)
{
    list->first = NULL;
    list->last = &list->first;
    list->images = 0;
}

static void append(struct batch_list *list, struct batch_job *job)
{
    job->next = NULL;
    *list->last = job;
    list->last = &job->next;
    list->images += job->count;
}

bool batch_list_has_room(const struct batch_list *list, size_t images, size_t images_max,
                         struct error *err)
{
    return list->first == NULL || list->images + images <= images_max ||
           error_set(err, ERROR_OVERLOADED, "%zu images are waiting already; try again in a moment",
                     list->images);
}

bool batch_list_add(struct batch_list *list, struct batch_job *job, size_t images_max,
                    struct error *err)
{
    if (!batch_list_has_room(list, job->count, images_max, err))
        return false;
    append(list, job);
    return true;
}

void batch_list_take(struct batch_list *out, struct batch_list *list, size_t images_max)
{
    batch_list_clear(out);
    while (list->first != NULL &&
           (out->first == NULL || out->images + list->first->count <= images_max)) {
        struct batch_job *job = list->first;
        list->first = job->next;
        list->images -= job->count;
        append(out, job);
    }
    if (list->first == NULL)
        list->last = &list->first;
}

bool batch_room_open(struct batch_room *room, const struct batcher_options *options, size_t thread,
                     struct error *err)
{
    const size_t images = options->batch_max;
    room->options = options;
    room->thread = thread;
    room->pixels = malloc(images * options->image_len * sizeof *room->pixels);
    room->probabilities = malloc(images * options->classes * sizeof *room->probabilities);
    if (room->pixels != NULL && room->probabilities != NULL)
        return true;
    batch_room_close(room);
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for batches of %zu images", images);
}

void batch_room_close(struct batch_room *room)
{
    free(room->pixels);
    free(room->probabilities);
    *room = (struct batch_room){0};
}

static void end_all(struct batch_list *batch, const void *held, const struct error *err)
{
    for (struct batch_job *next, *job = batch->first; job != NULL; job = next) {
        next = job->next;
        job->done(job, held, err);
    }
}

/* Nobody waits for an answer whose deadline has passed: its time is better spent on the others. */
static void drop_expired(struct batch_list *batch, int64_t now)
{
    struct batch_list all = *batch, expired;
    batch_list_clear(batch);
    batch_list_clear(&expired);
    for (struct batch_job *next, *job = all.first; job != NULL; job = next) {
        next = job->next;
        job->queue_ns = now - job->submitted_ns;
        append(job->queue_ns > job->timeout_ns ? &expired : batch, job);
    }
    struct error late = {0};
    (void)error_set(&late, ERROR_OVERLOADED, "the request has waited too long; try again");
    end_all(&expired, NULL, &late);
}

/* A job that is alone is computed where it lies, in steps if it is larger than a batch. */
static bool compute_alone(const struct batcher_options *o, const void *held,
                          const struct batch_job *job, struct error *err)
{
    for (size_t at = 0; at < job->count; at += o->batch_max) {
        size_t count = job->count - at < o->batch_max ? job->count - at : o->batch_max;
        if (!o->compute(held, job->pixels + at * o->image_len, count,
                        job->probabilities + at * o->classes, err))
            return false;
    }
    return true;
}

static bool compute_together(const struct batch_room *room, const void *held,
                             const struct batch_list *batch, struct error *err)
{
    const struct batcher_options *o = room->options;
    float *pixels = room->pixels;
    for (const struct batch_job *j = batch->first; j != NULL; j = j->next) {
        memcpy(pixels, j->pixels, j->count * o->image_len * sizeof *pixels);
        pixels += j->count * o->image_len;
    }
    if (!o->compute(held, room->pixels, batch->images, room->probabilities, err))
        return false;
    const float *answer = room->probabilities;
    for (struct batch_job *j = batch->first; j != NULL; j = j->next) {
        memcpy(j->probabilities, answer, j->count * o->classes * sizeof *answer);
        answer += j->count * o->classes;
    }
    return true;
}

void batch_run(const struct batch_room *room, struct batch_list *batch)
{
    struct error err = {0};
    const int64_t start = batcher_now_ns();
    drop_expired(batch, start);
    if (batch->first == NULL)
        return;
    const struct batcher_options *o = room->options;
    const void *held = o->hold(o->context, room->thread);
    bool good = batch->first->next == NULL ? compute_alone(o, held, batch->first, &err)
                                           : compute_together(room, held, batch, &err);
    const int64_t compute_ns = batcher_now_ns() - start;
    for (struct batch_job *job = batch->first; job != NULL; job = job->next)
        job->compute_ns = compute_ns;
    if (o->observe != NULL)
        o->observe(o->context, room->thread, batch->images, compute_ns);
    end_all(batch, held, good ? NULL : &err);
    o->release(o->context, room->thread);
}

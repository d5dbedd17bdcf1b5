/*
 * Jobs gathered into batches.
 *
 * DESIGN. A batch is what one turn of an HTTP loop has brought: no job waits for a timer or for
 * another thread, an idle server answers a lone request at once, and a busy one forms larger
 * batches by itself, since more requests arrive while a larger batch is computed. Jobs are done in
 * the order in which they were submitted. Knows neither HTTP nor engines.
 */
#include "server/batcher.h"

#include <stdlib.h>
#include <string.h>

struct lane {
    struct batch_job *first;
    struct batch_job **last;
    float *pixels;        /* owned: batch_max images, gathered from several jobs */
    float *probabilities; /* owned */
};

struct batcher {
    struct batcher_options options;
    struct lane lanes[];
};

bool batcher_start(struct batcher **out, const struct batcher_options *options, struct error *err)
{
    struct batcher *b = calloc(1, sizeof *b + options->lanes * sizeof b->lanes[0]);
    if (b == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for batches");
    b->options = *options;
    for (size_t i = 0; i < options->lanes; i++) {
        struct lane *lane = &b->lanes[i];
        lane->last = &lane->first;
        lane->pixels = malloc(options->batch_max * options->image_len * sizeof *lane->pixels);
        lane->probabilities =
            malloc(options->batch_max * options->classes * sizeof *lane->probabilities);
        if (lane->pixels == NULL || lane->probabilities == NULL) {
            batcher_stop(b);
            return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for batches");
        }
    }
    *out = b;
    return true;
}

void batcher_submit(struct batcher *b, size_t lane, struct batch_job *job)
{
    job->next = NULL;
    *b->lanes[lane].last = job;
    b->lanes[lane].last = &job->next;
}

/* A job that is alone, or too large for any batch, is computed where it lies. */
static void compute_alone(const struct batcher *b, struct batch_job *job)
{
    const struct batcher_options *o = &b->options;
    struct error err = {0};
    bool good = true;
    for (size_t at = 0; good && at < job->count; at += o->batch_max) {
        size_t count = job->count - at < o->batch_max ? job->count - at : o->batch_max;
        good = o->compute(o->context, job->pixels + at * o->image_len, count,
                          job->probabilities + at * o->classes, &err);
    }
    job->done(job, good ? NULL : &err);
}

/* Computes the jobs from `first` up to `end` as one batch of `count` images. */
static void compute_together(const struct batcher *b, const struct lane *lane,
                             struct batch_job *first, const struct batch_job *end, size_t count)
{
    const struct batcher_options *o = &b->options;
    struct error err = {0};
    float *pixels = lane->pixels;
    for (const struct batch_job *j = first; j != end; j = j->next) {
        memcpy(pixels, j->pixels, j->count * o->image_len * sizeof *pixels);
        pixels += j->count * o->image_len;
    }
    bool good = o->compute(o->context, lane->pixels, count, lane->probabilities, &err);
    const float *answer = lane->probabilities;
    for (struct batch_job *next, *j = first; j != end; j = next) {
        next = j->next;
        if (good)
            memcpy(j->probabilities, answer, j->count * o->classes * sizeof *answer);
        answer += j->count * o->classes;
        j->done(j, good ? NULL : &err);
    }
}

void batcher_turn(struct batcher *b, size_t index)
{
    struct lane *lane = &b->lanes[index];
    struct batch_job *job = lane->first;
    lane->first = NULL;
    lane->last = &lane->first;
    while (job != NULL) {
        struct batch_job *end = job;
        size_t count = 0;
        while (end != NULL && count + end->count <= b->options.batch_max) {
            count += end->count;
            end = end->next;
        }
        if (end == job)
            end = job->next;
        if (end == job->next)
            compute_alone(b, job);
        else
            compute_together(b, lane, job, end, count);
        job = end;
    }
}

void batcher_stop(struct batcher *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->options.lanes; i++) {
        free(b->lanes[i].pixels);
        free(b->lanes[i].probabilities);
    }
    free(b);
}

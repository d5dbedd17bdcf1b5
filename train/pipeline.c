/*
 * Batches of lines on many threads. The caller's thread reads and writes; the workers do the rest.
 *
 * Batches lie in a ring and go round it in order: filled by the caller at `head`, worked on from
 * `next`, written by the caller from `tail`. The ring has two batches for each worker and one more,
 * so that each finds the next while the caller fills or writes one. The one mutex guards these
 * three numbers and each batch's `is_done`; a batch belongs to the caller before it passes `head`,
 * then to the worker that took it, and to the caller again once it is done.
 */
#include "train/pipeline.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    struct pipeline_batch batch;
    size_t offsets[PIPELINE_LINES_MAX]; /* of the lines in `text`, which moves as it grows */
    char *text;
    size_t text_len, text_size;
    bool is_done;
    struct error err;
};

struct pipeline {
    const struct pipeline_options *options;
    struct slot *slots; /* owned: count */
    size_t count;
    pthread_t *threads; /* owned */
    size_t started;
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    pthread_cond_t done;
    uint64_t head, next, tail; /* batches so far */
    bool no_more;
};

static struct slot *slot_at(const struct pipeline *p, uint64_t number)
{
    return &p->slots[number % p->count];
}

/* ---- the workers ---- */

static void *work(void *argument)
{
    struct pipeline *p = argument;
    (void)pthread_mutex_lock(&p->mutex);
    for (;;) {
        while (p->next == p->head && !p->no_more)
            (void)pthread_cond_wait(&p->filled, &p->mutex);
        if (p->next == p->head)
            break;
        struct slot *s = slot_at(p, p->next++);
        (void)pthread_mutex_unlock(&p->mutex);
        (void)p->options->work(p->options->context, &s->batch, &s->err);
        (void)pthread_mutex_lock(&p->mutex);
        s->is_done = true;
        (void)pthread_cond_signal(&p->done);
    }
    (void)pthread_mutex_unlock(&p->mutex);
    return NULL;
}

static bool start(struct pipeline *p, struct error *err)
{
    for (; p->started < p->options->threads; p->started++)
        if (pthread_create(&p->threads[p->started], NULL, work, p) != 0)
            return error_set(err, ERROR_OUT_OF_MEMORY, "only %zu threads can be started; use fewer",
                             p->started);
    return true;
}

/* Lets the workers finish what is in the ring, and waits for them. */
static void stop(struct pipeline *p)
{
    (void)pthread_mutex_lock(&p->mutex);
    p->no_more = true;
    (void)pthread_cond_broadcast(&p->filled);
    (void)pthread_mutex_unlock(&p->mutex);
    for (size_t i = 0; i < p->started; i++)
        (void)pthread_join(p->threads[i], NULL);
}

/* ---- the caller's thread ---- */

static bool add_line(struct slot *s, const struct line *line, struct error *err)
{
    size_t need = s->text_len + line->len + 1;
    if (need > s->text_size) {
        size_t size = 2 * need;
        char *grown = realloc(s->text, size);
        if (grown == NULL)
            return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu bytes of lines",
                             need);
        s->text = grown;
        s->text_size = size;
    }
    memcpy(s->text + s->text_len, line->text, line->len + 1);
    s->offsets[s->batch.count] = s->text_len;
    s->batch.lines[s->batch.count++] = *line;
    s->text_len = need;
    return true;
}

/* Fills the slot with the next lines; without any when there are no more. */
static bool fill(struct slot *s, struct lines *lines, struct error *err)
{
    struct line line;
    s->text_len = s->batch.count = s->batch.out_len = 0;
    s->batch.first = lines->number + 1;
    s->is_done = false;
    while (s->batch.count < PIPELINE_LINES_MAX && s->text_len < PIPELINE_TEXT_ENOUGH) {
        if (!lines_next(lines, &line, err))
            return false;
        if (line.text == NULL)
            break;
        if (!add_line(s, &line, err))
            return false;
    }
    for (size_t i = 0; i < s->batch.count; i++)
        s->batch.lines[i].text = s->text + s->offsets[i];
    return true;
}

static void submit(struct pipeline *p)
{
    (void)pthread_mutex_lock(&p->mutex);
    p->head++;
    (void)pthread_cond_signal(&p->filled);
    (void)pthread_mutex_unlock(&p->mutex);
}

/* Whether the oldest batch is done, which is waited for or not. */
static bool oldest_is_done(struct pipeline *p, bool wait)
{
    struct slot *s = slot_at(p, p->tail);
    (void)pthread_mutex_lock(&p->mutex);
    while (wait && !s->is_done)
        (void)pthread_cond_wait(&p->done, &p->mutex);
    bool is_done = s->is_done;
    (void)pthread_mutex_unlock(&p->mutex);
    return is_done;
}

/* Writes batches that are done, in order; at least until `room` of the ring are free. */
static bool write_done(struct pipeline *p, size_t room, struct error *err)
{
    while (p->tail < p->head && oldest_is_done(p, p->head - p->tail + room > p->count)) {
        struct slot *s = slot_at(p, p->tail);
        if (s->err.code != ERROR_NONE)
            return error_set(err, s->err.code, "%s", s->err.text);
        if (fwrite(s->batch.out, 1, s->batch.out_len, p->options->out) != s->batch.out_len)
            return error_set(err, ERROR_FILE, "the output cannot be written");
        p->tail++;
        p->options->written(p->options->context, s->batch.first + s->batch.count - 1);
    }
    return true;
}

static bool go_round(struct pipeline *p, struct lines *lines, struct error *err)
{
    for (;;) {
        struct slot *s = slot_at(p, p->head);
        struct error why = {0};
        if (!fill(s, lines, &why))
            return write_done(p, p->count, err) && error_set(err, why.code, "%s", why.text);
        if (s->batch.count == 0)
            return write_done(p, p->count, err);
        submit(p);
        if (!write_done(p, 1, err))
            return false;
    }
}

/* ---- the beginning and the end ---- */

static bool make_slots(struct pipeline *p, struct error *err)
{
    const size_t out_size = (size_t)PIPELINE_LINES_MAX * PIPELINE_OUT_MAX;
    p->count = 2 * p->options->threads + 1;
    p->slots = calloc(p->count, sizeof *p->slots);
    p->threads = calloc(p->options->threads, sizeof *p->threads);
    bool ok = p->slots != NULL && p->threads != NULL;
    for (size_t i = 0; ok && i < p->count; i++) {
        p->slots[i].batch.out = malloc(out_size);
        p->slots[i].batch.scratch = malloc(p->options->scratch_size);
        ok = p->slots[i].batch.out != NULL && p->slots[i].batch.scratch != NULL;
    }
    return ok || error_set(err, ERROR_OUT_OF_MEMORY,
                           "there is no memory for %zu threads; use fewer", p->options->threads);
}

static void free_slots(struct pipeline *p)
{
    for (size_t i = 0; p->slots != NULL && i < p->count; i++) {
        free(p->slots[i].batch.out);
        free(p->slots[i].batch.scratch);
        free(p->slots[i].text);
    }
    free(p->slots);
    free(p->threads);
}

bool pipeline_run(const struct pipeline_options *options, struct error *err)
{
    struct pipeline p = {
        .options = options,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .filled = PTHREAD_COND_INITIALIZER,
        .done = PTHREAD_COND_INITIALIZER,
    };
    struct lines lines;
    lines_begin(&lines, options->in, options->line_max);
    bool ok = make_slots(&p, err) && start(&p, err) && go_round(&p, &lines, err);
    stop(&p);
    lines_end(&lines);
    free_slots(&p);
    return ok;
}

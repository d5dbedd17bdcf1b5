/* server/batcher.c: which jobs are computed together, that each gets its own answers, and that what
 * computes is held as long as anyone uses it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/batcher.h"

enum { QUEUE_MAX = 12, BATCH_MAX = 4, CALLS_MAX = 16 };

struct record {
    size_t calls;
    size_t counts[CALLS_MAX];
    size_t failing_call; /* counted from 1; 0: none */
    size_t held;         /* now */
    size_t thread;       /* the last one that held */
};

static const void *hold_record(void *context, size_t thread)
{
    struct record *r = context;
    assert_int_equal(r->held++, 0);
    r->thread = thread;
    return r;
}

static void release_record(void *context, size_t thread)
{
    struct record *r = context;
    assert_int_equal(r->thread, thread);
    assert_int_equal(r->held--, 1);
}

/* Answers an image of one float with that float, doubled. */
static bool doubled(const void *held, const float *pixels, size_t count, float *probabilities,
                    struct error *err)
{
    struct record *r = (struct record *)(uintptr_t)held; /* hold_record's, which may be written */
    assert_int_equal(r->held, 1);
    assert_true(r->calls < CALLS_MAX && count <= BATCH_MAX);
    r->counts[r->calls++] = count;
    if (r->calls == r->failing_call)
        return error_set(err, ERROR_ENGINE, "broken");
    for (size_t i = 0; i < count; i++)
        probabilities[i] = 2 * pixels[i];
    return true;
}

struct test_job {
    struct batch_job job;
    float pixels[10];
    float answers[10];
    size_t done;
    const void *held;
    enum error_code error;
};

static void on_done(struct batch_job *job, const void *held, const struct error *err)
{
    struct test_job *t = (struct test_job *)job;
    t->done++;
    t->held = held;
    t->error = err == NULL ? ERROR_NONE : err->code;
}

static void make_jobs(struct test_job *jobs, const size_t *counts, size_t count)
{
    float next = 1;
    for (size_t i = 0; i < count; i++) {
        jobs[i] = (struct test_job){0};
        jobs[i].job = (struct batch_job){
            .pixels = jobs[i].pixels,
            .count = counts[i],
            .probabilities = jobs[i].answers,
            .timeout_ns = INT64_MAX / 2,
            .done = on_done,
        };
        for (size_t k = 0; k < counts[i]; k++)
            jobs[i].pixels[k] = next++;
    }
}

static struct batcher *start(struct record *r, size_t lanes)
{
    const struct batcher_options options = {
        .lanes = lanes,
        .queue_max = QUEUE_MAX,
        .batch_max = BATCH_MAX,
        .image_len = 1,
        .classes = 1,
        .hold = hold_record,
        .release = release_record,
        .compute = doubled,
        .context = r,
    };
    struct batcher *b = NULL;
    struct error err = {0};
    assert_true(batcher_start(&b, &options, &err));
    return b;
}

static void submit(struct batcher *b, size_t lane, struct batch_job *job)
{
    struct error err = {0};
    assert_true(batcher_submit(b, lane, job, &err));
}

static void run_and_check(const size_t *counts, size_t count, const size_t *batches,
                          size_t batch_count)
{
    struct record r = {0};
    struct test_job jobs[8];
    struct batcher *b = start(&r, 1);
    make_jobs(jobs, counts, count);
    for (size_t i = 0; i < count; i++)
        submit(b, 0, &jobs[i].job);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(jobs[i].done, 0);
    batcher_turn(b, 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].error, ERROR_NONE);
        assert_ptr_equal(jobs[i].held, &r);
        for (size_t k = 0; k < counts[i]; k++)
            assert_true(jobs[i].answers[k] == 2 * jobs[i].pixels[k]);
    }
    assert_int_equal(r.calls, batch_count);
    assert_int_equal(r.held, 0);
    assert_memory_equal(r.counts, batches, batch_count * sizeof *batches);
    batcher_turn(b, 0);
    assert_int_equal(r.calls, batch_count);
    batcher_stop(b);
}

static void a_lone_job(void **state)
{
    (void)state;
    run_and_check((const size_t[]){1}, 1, (const size_t[]){1}, 1);
}

static void jobs_fill_batches_in_order(void **state)
{
    (void)state;
    run_and_check((const size_t[]){1, 1, 1, 1, 1, 1}, 6, (const size_t[]){4, 2}, 2);
    run_and_check((const size_t[]){1, 2, 2, 1}, 4, (const size_t[]){3, 3}, 2);
}

static void a_large_job_is_cut(void **state)
{
    (void)state;
    run_and_check((const size_t[]){10}, 1, (const size_t[]){4, 4, 2}, 3);
    run_and_check((const size_t[]){1, 9, 1}, 3, (const size_t[]){1, 4, 4, 1, 1}, 5);
}

static void a_failure_hits_its_batch_alone(void **state)
{
    (void)state;
    struct record r = {.failing_call = 1};
    struct test_job jobs[6];
    struct batcher *b = start(&r, 1);
    make_jobs(jobs, (const size_t[]){1, 1, 1, 1, 1, 1}, 6);
    for (size_t i = 0; i < 6; i++)
        submit(b, 0, &jobs[i].job);
    batcher_turn(b, 0);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].error, i < 4 ? ERROR_ENGINE : ERROR_NONE);
    }
    batcher_stop(b);
}

static void a_full_lane_refuses(void **state)
{
    (void)state;
    struct record r = {0};
    struct test_job jobs[4];
    struct error err = {0};
    struct batcher *b = start(&r, 1);
    make_jobs(jobs, (const size_t[]){9, 3, 1, 10}, 4);
    submit(b, 0, &jobs[0].job);
    submit(b, 0, &jobs[1].job);
    assert_false(batcher_submit(b, 0, &jobs[2].job, &err));
    assert_int_equal(err.code, ERROR_OVERLOADED);
    batcher_turn(b, 0);
    assert_int_equal(jobs[2].done, 0);
    submit(b, 0, &jobs[2].job);
    batcher_turn(b, 0);
    assert_int_equal(jobs[2].done, 1);
    batcher_stop(b);
}

static void what_is_late_is_not_computed(void **state)
{
    (void)state;
    struct record r = {0};
    struct test_job jobs[3];
    struct batcher *b = start(&r, 1);
    make_jobs(jobs, (const size_t[]){1, 1, 1}, 3);
    jobs[1].job.timeout_ns = -1;
    for (size_t i = 0; i < 3; i++)
        submit(b, 0, &jobs[i].job);
    batcher_turn(b, 0);
    assert_int_equal(r.calls, 1);
    assert_int_equal(r.counts[0], 2);
    assert_int_equal(jobs[1].error, ERROR_OVERLOADED);
    assert_null(jobs[1].held);
    assert_int_equal(jobs[2].error, ERROR_NONE);
    assert_true(jobs[2].answers[0] == 2 * jobs[2].pixels[0]);
    batcher_stop(b);
}

static void lanes_are_apart(void **state)
{
    (void)state;
    struct record r = {0};
    struct test_job jobs[2];
    struct batcher *b = start(&r, 2);
    make_jobs(jobs, (const size_t[]){1, 1}, 2);
    submit(b, 0, &jobs[0].job);
    submit(b, 1, &jobs[1].job);
    batcher_turn(b, 1);
    assert_int_equal(jobs[0].done, 0);
    assert_int_equal(jobs[1].done, 1);
    assert_int_equal(r.thread, 1);
    batcher_turn(b, 0);
    assert_int_equal(jobs[0].done, 1);
    assert_int_equal(r.thread, 0);
    batcher_stop(b);
    batcher_stop(NULL);
}

/* ---- workers ---- */

enum { SUBMITTERS = 4, JOBS_EACH = 500, WORKERS = 3 };

struct tally {
    atomic_size_t images;
    atomic_bool held[1 + WORKERS]; /* of the lane and the workers */
};

static const void *hold_tally(void *context, size_t thread)
{
    struct tally *t = context;
    assert_in_range(thread, 1, WORKERS);
    assert_false(atomic_exchange(&t->held[thread], true));
    return t;
}

static void release_tally(void *context, size_t thread)
{
    struct tally *t = context;
    assert_true(atomic_exchange(&t->held[thread], false));
}

static bool doubled_anywhere(const void *held, const float *pixels, size_t count,
                             float *probabilities, struct error *err)
{
    struct tally *t = (struct tally *)(uintptr_t)held;
    (void)err;
    atomic_fetch_add(&t->images, count);
    for (size_t i = 0; i < count; i++)
        probabilities[i] = 2 * pixels[i];
    return true;
}

struct submitter {
    struct batcher *batcher;
    pthread_t thread;
    size_t refused;
    struct test_job jobs[JOBS_EACH];
};

static void *submit_all(void *context)
{
    struct submitter *s = context;
    for (size_t i = 0; i < JOBS_EACH; i++) {
        struct error err = {0};
        const size_t one = 1;
        make_jobs(&s->jobs[i], &one, 1);
        s->jobs[i].pixels[0] = (float)i;
        if (!batcher_submit(s->batcher, 0, &s->jobs[i].job, &err))
            s->refused++;
    }
    return NULL;
}

static void workers_do_every_job_once(void **state)
{
    (void)state;
    static struct submitter submitters[SUBMITTERS];
    struct tally tally = {0};
    size_t refused = 0;
    struct error err = {0};
    struct batcher *b = NULL;
    const struct batcher_options options = {
        .lanes = 1,
        .workers = WORKERS,
        .queue_max = QUEUE_MAX,
        .batch_max = BATCH_MAX,
        .delay_us = 50,
        .image_len = 1,
        .classes = 1,
        .hold = hold_tally,
        .release = release_tally,
        .compute = doubled_anywhere,
        .context = &tally,
    };
    assert_true(batcher_start(&b, &options, &err));
    assert_true(batcher_is_deferred(b));
    for (size_t i = 0; i < SUBMITTERS; i++) {
        submitters[i].batcher = b;
        assert_int_equal(pthread_create(&submitters[i].thread, NULL, submit_all, &submitters[i]),
                         0);
    }
    for (size_t i = 0; i < SUBMITTERS; i++)
        pthread_join(submitters[i].thread, NULL);
    batcher_stop(b);
    for (size_t i = 0; i < SUBMITTERS; i++) {
        size_t done = 0;
        for (size_t k = 0; k < JOBS_EACH; k++) {
            done += submitters[i].jobs[k].done;
            if (submitters[i].jobs[k].done == 1)
                assert_true(submitters[i].jobs[k].answers[0] == 2 * (float)k);
        }
        assert_int_equal(done + submitters[i].refused, JOBS_EACH);
        refused += submitters[i].refused;
    }
    assert_int_equal(atomic_load(&tally.images) + refused, SUBMITTERS * JOBS_EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_job),          cmocka_unit_test(jobs_fill_batches_in_order),
        cmocka_unit_test(a_large_job_is_cut),  cmocka_unit_test(a_failure_hits_its_batch_alone),
        cmocka_unit_test(a_full_lane_refuses), cmocka_unit_test(what_is_late_is_not_computed),
        cmocka_unit_test(lanes_are_apart),     cmocka_unit_test(workers_do_every_job_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

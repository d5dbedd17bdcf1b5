/* server/batcher.c: which jobs are computed together, and that each gets its own answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/batcher.h"

enum { BATCH_MAX = 4, CALLS_MAX = 16 };

struct record {
    size_t calls;
    size_t counts[CALLS_MAX];
    size_t failing_call; /* counted from 1; 0: none */
};

/* Answers an image of one float with that float, doubled. */
static bool doubled(void *context, const float *pixels, size_t count, float *probabilities,
                    struct error *err)
{
    struct record *r = context;
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
    enum error_code error;
};

static void on_done(struct batch_job *job, const struct error *err)
{
    struct test_job *t = (struct test_job *)job;
    t->done++;
    t->error = err == NULL ? ERROR_NONE : err->code;
}

static void make_jobs(struct test_job *jobs, const size_t *counts, size_t count)
{
    float next = 1;
    for (size_t i = 0; i < count; i++) {
        jobs[i] = (struct test_job){0};
        jobs[i].job = (struct batch_job){jobs[i].pixels, counts[i], jobs[i].answers, on_done, NULL};
        for (size_t k = 0; k < counts[i]; k++)
            jobs[i].pixels[k] = next++;
    }
}

static struct batcher *start(struct record *r, size_t lanes)
{
    const struct batcher_options options = {lanes, BATCH_MAX, 1, 1, doubled, r};
    struct batcher *b = NULL;
    struct error err = {0};
    assert_true(batcher_start(&b, &options, &err));
    return b;
}

static void run_and_check(const size_t *counts, size_t count, const size_t *batches,
                          size_t batch_count)
{
    struct record r = {0};
    struct test_job jobs[8];
    struct batcher *b = start(&r, 1);
    make_jobs(jobs, counts, count);
    for (size_t i = 0; i < count; i++)
        batcher_submit(b, 0, &jobs[i].job);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(jobs[i].done, 0);
    batcher_turn(b, 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].error, ERROR_NONE);
        for (size_t k = 0; k < counts[i]; k++)
            assert_true(jobs[i].answers[k] == 2 * jobs[i].pixels[k]);
    }
    assert_int_equal(r.calls, batch_count);
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
        batcher_submit(b, 0, &jobs[i].job);
    batcher_turn(b, 0);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].error, i < 4 ? ERROR_ENGINE : ERROR_NONE);
    }
    batcher_stop(b);
}

static void lanes_are_apart(void **state)
{
    (void)state;
    struct record r = {0};
    struct test_job jobs[2];
    struct batcher *b = start(&r, 2);
    make_jobs(jobs, (const size_t[]){1, 1}, 2);
    batcher_submit(b, 0, &jobs[0].job);
    batcher_submit(b, 1, &jobs[1].job);
    batcher_turn(b, 1);
    assert_int_equal(jobs[0].done, 0);
    assert_int_equal(jobs[1].done, 1);
    batcher_turn(b, 0);
    assert_int_equal(jobs[0].done, 1);
    batcher_stop(b);
    batcher_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_job),         cmocka_unit_test(jobs_fill_batches_in_order),
        cmocka_unit_test(a_large_job_is_cut), cmocka_unit_test(a_failure_hits_its_batch_alone),
        cmocka_unit_test(lanes_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

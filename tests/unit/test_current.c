/* server/current.c: nobody uses what has been given back, and everybody sees what was put
 * there last. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "server/current.h"

enum { READERS = 3, SWAPS = 20000, WORDS = 64 };

static void a_value_is_held_and_replaced(void **state)
{
    (void)state;
    int first = 1, second = 2;
    struct current *c;
    struct error err = {0};
    assert_true(current_open(&c, 2, &first, &err));
    assert_ptr_equal(current_hold(c, 0), &first);
    current_release(c, 0);
    assert_ptr_equal(current_swap(c, &second), &first);
    assert_ptr_equal(current_hold(c, 1), &second);
    assert_ptr_equal(current_hold(c, 0), &second);
    current_release(c, 0);
    current_release(c, 1);
    assert_ptr_equal(current_close(c), &second);
}

/* ---- a swap waits ---- */

struct waiter {
    struct current *current;
    void *next;
    atomic_bool swapped;
};

static void *swap(void *context)
{
    struct waiter *w = context;
    void *before = current_swap(w->current, w->next);
    atomic_store(&w->swapped, true);
    return before;
}

static void a_swap_waits_for_who_holds(void **state)
{
    (void)state;
    int first = 1, second = 2;
    struct error err = {0};
    struct waiter w = {.next = &second};
    pthread_t thread;
    void *before;
    assert_true(current_open(&w.current, 2, &first, &err));
    assert_ptr_equal(current_hold(w.current, 1), &first);
    assert_int_equal(pthread_create(&thread, NULL, swap, &w), 0);
    do
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    while (current_hold(w.current, 0) != &second);
    assert_false(atomic_load(&w.swapped));
    current_release(w.current, 1);
    assert_int_equal(pthread_join(thread, &before), 0);
    assert_ptr_equal(before, &first);
    current_release(w.current, 0);
    (void)current_close(w.current);
}

/* ---- many readers ---- */

/* Every word is the same while it is in use, and another once it has been given back. */
struct text {
    uint64_t words[WORDS];
};

struct reader {
    struct current *current;
    size_t seat;
    atomic_bool *done;
    pthread_t thread;
    size_t mixed;
    size_t backwards;
    atomic_size_t holds;
};

static struct text *text_new(uint64_t value)
{
    struct text *t = malloc(sizeof *t);
    assert_non_null(t);
    for (size_t i = 0; i < WORDS; i++)
        t->words[i] = value;
    return t;
}

static void *read_all(void *context)
{
    struct reader *r = context;
    uint64_t last = 0;
    while (!atomic_load_explicit(r->done, memory_order_relaxed)) {
        const struct text *t = current_hold(r->current, r->seat);
        for (size_t i = 1; i < WORDS; i++)
            r->mixed += t->words[i] != t->words[0];
        r->backwards += t->words[0] < last;
        last = t->words[0];
        current_release(r->current, r->seat);
        atomic_fetch_add_explicit(&r->holds, 1, memory_order_relaxed);
        sched_yield(); /* rather here than while it holds, which would keep the swaps waiting */
    }
    return NULL;
}

static void readers_never_see_what_was_given_back(void **state)
{
    (void)state;
    struct current *c;
    struct error err = {0};
    struct reader readers[READERS];
    atomic_bool done = false;
    assert_true(current_open(&c, READERS, text_new(1), &err));
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.current = c, .seat = i, .done = &done};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_all, &readers[i]), 0);
        while (atomic_load(&readers[i].holds) == 0)
            sched_yield();
    }
    for (uint64_t value = 2; value < 2 + SWAPS; value++) {
        struct text *before = current_swap(c, text_new(value));
        assert_int_equal(before->words[0], value - 1);
        for (size_t i = 0; i < WORDS; i += 2)
            before->words[i] = 0;
        free(before);
    }
    atomic_store(&done, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].mixed, 0);
        assert_int_equal(readers[i].backwards, 0);
    }
    free(current_close(c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_held_and_replaced),
        cmocka_unit_test(a_swap_waits_for_who_holds),
        cmocka_unit_test(readers_never_see_what_was_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

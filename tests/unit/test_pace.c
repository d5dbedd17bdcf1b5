/* How much a turn takes on. Times in milliseconds. */
#include "server/http/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const int64_t ms = 1000000;

/* How many handlers of so many milliseconds a turn takes that begins now. */
static size_t fill(struct pace *p, int64_t now, int64_t each)
{
    size_t taken = 0;
    pace_begin(p, now * ms);
    while (taken < 1000 && pace_takes(p, (now + (int64_t)taken * each) * ms))
        taken++;
    return taken;
}

static void test_time(void **state)
{
    (void)state;
    struct pace p = {0};
    assert_int_equal(fill(&p, 100, 1), PACE_TURN_MS);
    assert_int_equal(fill(&p, 200, 3), 4);
    assert_int_equal(fill(&p, 300, 500), 1);
    assert_int_equal(fill(&p, 400, 0), 1000);
}

/* The first is taken, however long it took to get there. */
static void test_first(void **state)
{
    (void)state;
    struct pace p = {0};
    pace_begin(&p, 0);
    assert_true(pace_takes(&p, 1000 * ms));
    assert_false(pace_takes(&p, 1000 * ms));
}

/* What the turns' ends take is counted ahead, as soon as some have shown it. */
static void test_tail(void **state)
{
    (void)state;
    struct pace p = {0};
    for (int64_t turn = 0; turn < 100; turn++) {
        const int64_t now = 1000 * turn;
        const size_t taken = fill(&p, now, 1);
        pace_end(&p, (now + (int64_t)taken) * ms, (now + 5 * (int64_t)taken) * ms);
    }
    assert_in_range(fill(&p, 0, 1), PACE_TURN_MS / 5, PACE_TURN_MS / 5 + 1);
    assert_true(p.cost_ns > 4 * ms && p.cost_ns <= 5 * ms);
}

/* The first turn is all there is to go by. */
static void test_first_turn(void **state)
{
    (void)state;
    struct pace p = {0};
    assert_int_equal(fill(&p, 0, 5), 2);
    pace_end(&p, 12 * ms, 20 * ms);
    assert_int_equal(p.cost_ns, 10 * ms);
    assert_int_equal(p.tail_ns, 4 * ms);
}

/* Handshakes have a share of their own: as long as the turn is young, but one at least. */
static void test_greetings(void **state)
{
    (void)state;
    struct pace p = {0};
    pace_begin(&p, 0);
    assert_true(pace_greets(&p, 1000 * ms));
    assert_false(pace_greets(&p, 1000 * ms));
    assert_true(pace_takes(&p, 1000 * ms));
    pace_begin(&p, 0);
    assert_true(pace_greets(&p, 0));
    assert_true(pace_greets(&p, (PACE_TURN_MS - 1) * ms));
    assert_false(pace_greets(&p, PACE_TURN_MS * ms));
}

/* A turn in which nothing was handled says nothing of what that costs. */
static void test_idle(void **state)
{
    (void)state;
    struct pace p = {.cost_ns = 7, .tail_ns = 3};
    pace_begin(&p, 0);
    pace_end(&p, ms, 2 * ms);
    assert_int_equal(p.cost_ns, 7);
    assert_int_equal(p.tail_ns, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time),      cmocka_unit_test(test_first),
        cmocka_unit_test(test_tail),      cmocka_unit_test(test_first_turn),
        cmocka_unit_test(test_greetings), cmocka_unit_test(test_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The shuffle: the published generator, a permutation, the same for the same seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "train/learning/order.h"

/* From the generators' definition, worked out by another implementation of it (Python integers). */
static void test_is_xoshiro_seeded_by_splitmix(void **state)
{
    (void)state;
    struct order_random r;
    order_seed(&r, 0);
    assert_int_equal(r.s[0], 0xe220a8397b1dcdaf);
    assert_int_equal(r.s[1], 0x6e789e6aa1b965f4);
    r = (struct order_random){{1, 2, 3, 4}};
    static const uint64_t want[] = {11520, 0, 1509978240, 1215971899390074240};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_int_equal(order_next(&r), want[i]);
}

enum { COUNT = 1000 };

static void shuffled(uint32_t out[COUNT], uint64_t seed)
{
    struct order_random r;
    order_seed(&r, seed);
    for (uint32_t i = 0; i < COUNT; i++)
        out[i] = i;
    order_shuffle(&r, out, COUNT);
}

static void test_is_a_permutation(void **state)
{
    (void)state;
    uint32_t order[COUNT];
    bool seen[COUNT] = {false};
    size_t in_place = 0;
    shuffled(order, 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(order[i] < COUNT);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
        in_place += order[i] == i;
    }
    assert_true(in_place < 10);
}

static void test_follows_the_seed(void **state)
{
    (void)state;
    uint32_t a[COUNT], b[COUNT];
    shuffled(a, 1);
    shuffled(b, 1);
    assert_memory_equal(a, b, sizeof a);
    shuffled(b, 2);
    assert_memory_not_equal(a, b, sizeof a);
}

/* Each of the 6 orders of 3 comes up about equally often. */
static void test_is_fair(void **state)
{
    (void)state;
    enum { ROUNDS = 60000 };
    struct order_random r;
    size_t times[27] = {0};
    order_seed(&r, 3);
    for (size_t i = 0; i < ROUNDS; i++) {
        uint32_t three[] = {0, 1, 2};
        order_shuffle(&r, three, 3);
        times[three[0] * 9 + three[1] * 3 + three[2]]++;
    }
    for (size_t i = 0; i < 27; i++)
        if (times[i] != 0)
            assert_in_range(times[i], ROUNDS / 6 - 500, ROUNDS / 6 + 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_xoshiro_seeded_by_splitmix),
        cmocka_unit_test(test_is_a_permutation),
        cmocka_unit_test(test_follows_the_seed),
        cmocka_unit_test(test_is_fair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

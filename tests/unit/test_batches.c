/*
 * Batches ahead of their reader: the same whenever they are asked for, each picture once an epoch,
 * from any place on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "train/learning/batches.h"
#include "train/learning/trainer.h"

enum { COUNT = 53, BATCH = 8, EPOCHS = 3 };

/* Picture i has i in its first pixel, and something to bend in the middle. */
static uint8_t pixels[COUNT * DIGIT_PIXELS];
static uint8_t labels[COUNT];
static const struct mnist set = {.count = COUNT, .pixels = pixels, .labels = labels};

static const struct batches_plan plain = {.set = &set, .batch = BATCH, .epochs = EPOCHS, .seed = 7};

static void fill_set(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = (uint8_t)(i % DIGIT_CLASSES);
        pixels[i * DIGIT_PIXELS] = (uint8_t)i;
        memset(pixels + i * DIGIT_PIXELS + 300, 200, 20);
    }
}

/* All that a plan gives, one picture after the other. */
struct course {
    float pixels[EPOCHS * COUNT][DIGIT_PIXELS];
    uint8_t labels[EPOCHS * COUNT];
    size_t count;
};

static struct course *course_of(const struct batches_plan *plan, bool slowly)
{
    struct error err = {0};
    struct batches *b;
    struct batch batch;
    struct course *c = calloc(1, sizeof *c);
    size_t epoch = plan->epoch, place = plan->place;
    assert_non_null(c);
    assert_true(batches_start(&b, plan, &err));
    while (batches_next(b, &batch)) {
        assert_int_equal(batch.epoch, epoch);
        assert_int_equal(batch.place, place);
        assert_true(batch.count > 0 && c->count + batch.count <= EPOCHS * COUNT);
        memcpy(c->pixels[c->count], batch.pixels, batch.count * sizeof c->pixels[0]);
        memcpy(c->labels + c->count, batch.labels, batch.count);
        c->count += batch.count;
        place += batch.count;
        if (place == COUNT) {
            place = 0;
            epoch++;
        }
        if (slowly)
            (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    assert_false(batches_next(b, &batch));
    batches_stop(b);
    return c;
}

static size_t index_of(const float *picture)
{
    return (size_t)(picture[0] * 255 + 0.5f);
}

static void test_each_picture_once_an_epoch(void **state)
{
    (void)state;
    struct course *c = course_of(&plain, false);
    assert_int_equal(c->count, EPOCHS * COUNT);
    size_t same = 0;
    for (size_t e = 0; e < EPOCHS; e++) {
        bool seen[COUNT] = {false};
        for (size_t i = e * COUNT; i < (e + 1) * COUNT; i++) {
            size_t index = index_of(c->pixels[i]);
            assert_true(index < COUNT && !seen[index]);
            assert_int_equal(c->labels[i], labels[index]);
            seen[index] = true;
            same += e > 0 && index == index_of(c->pixels[i - COUNT]);
        }
    }
    assert_true(same < COUNT / 4); /* the order is another one in each epoch */
    free(c);
}

static const struct augment changes = {.rotation = 10, .elastic = 1, .noise = 0.1};

static void test_time_changes_nothing(void **state)
{
    (void)state;
    struct batches_plan plan = plain;
    plan.augment = changes;
    struct course *quick = course_of(&plan, false), *slow = course_of(&plan, true);
    assert_memory_equal(quick, slow, sizeof *quick);
    free(slow);
    plan.seed++;
    slow = course_of(&plan, false);
    assert_memory_not_equal(quick->pixels, slow->pixels, sizeof quick->pixels);
    free(slow);
    free(quick);
}

static void test_changes_differ_from_epoch_to_epoch(void **state)
{
    (void)state;
    struct batches_plan plan = plain;
    static uint8_t one[DIGIT_PIXELS];
    memset(one + 300, 200, 20);
    const struct mnist single = {.count = 1, .pixels = one, .labels = labels};
    plan.set = &single;
    plan.augment = changes;
    struct error err = {0};
    struct batches *b;
    struct batch batch;
    float first[DIGIT_PIXELS];
    assert_true(batches_start(&b, &plan, &err));
    assert_true(batches_next(b, &batch));
    memcpy(first, batch.pixels, sizeof first);
    assert_true(batches_next(b, &batch));
    assert_memory_not_equal(first, batch.pixels, sizeof first);
    batches_stop(b); /* in the middle */
}

/* What stands in the place of a picture of the set. */
static void count_others(const struct course *c, size_t *drawn, size_t *others)
{
    *drawn = *others = 0;
    for (size_t i = 0; i < c->count; i++) {
        const float *middle = c->pixels[i] + 300;
        bool is_of_the_set = true;
        for (size_t k = 0; k < 20; k++)
            is_of_the_set = is_of_the_set && middle[k] == 200.0f / 255.0f;
        bool is_none = c->labels[i] == TRAINER_NO_DIGIT;
        assert_true(is_none || c->labels[i] < DIGIT_CLASSES);
        assert_false(is_none && is_of_the_set);
        *others += is_none;
        *drawn += !is_none && !is_of_the_set;
    }
}

static void test_shares_are_made_up(void **state)
{
    (void)state;
    struct batches_plan plan = plain;
    size_t drawn, others;
    plan.drawn = 0.5;
    plan.others = 0.25;
    struct course *c = course_of(&plan, false);
    count_others(c, &drawn, &others);
    assert_in_range(drawn, c->count * 2 / 5, c->count * 3 / 5);
    assert_in_range(others, c->count * 3 / 20, c->count * 7 / 20);
    free(c);
    plan.drawn = 1;
    plan.others = 0;
    c = course_of(&plan, false);
    count_others(c, &drawn, &others);
    assert_int_equal(drawn, c->count);
    free(c);
}

static void test_a_share_stays_as_it_is(void **state)
{
    (void)state;
    struct batches_plan plan = plain;
    size_t same = 0;
    plan.augment = changes;
    plan.plain = 0.4;
    struct course *c = course_of(&plan, false);
    for (size_t i = 0; i < c->count; i++)
        same += c->pixels[i][300] == 200.0f / 255.0f && c->pixels[i][200] == 0.0f;
    assert_in_range(same, c->count / 4, c->count / 2 + 10);
    free(c);
}

static void test_goes_on_from_any_place(void **state)
{
    (void)state;
    struct batches_plan plan = plain;
    plan.augment = changes;
    struct course *whole = course_of(&plan, false);
    plan.epoch = 1;
    plan.place = 3 * BATCH;
    struct course *rest = course_of(&plan, false);
    size_t before = COUNT + 3 * BATCH;
    assert_int_equal(rest->count, whole->count - before);
    assert_memory_equal(rest->pixels, whole->pixels[before], rest->count * sizeof rest->pixels[0]);
    assert_memory_equal(rest->labels, whole->labels + before, rest->count);
    free(rest);
    free(whole);
}

static void test_a_batch_may_be_larger_than_the_set(void **state)
{
    (void)state;
    struct batches_plan plan = plain;
    struct error err = {0};
    struct batches *b;
    struct batch batch;
    plan.batch = 1000000000;
    assert_true(batches_start(&b, &plan, &err));
    assert_true(batches_next(b, &batch));
    assert_int_equal(batch.count, COUNT);
    batches_stop(b);
    batches_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_picture_once_an_epoch),
        cmocka_unit_test(test_time_changes_nothing),
        cmocka_unit_test(test_changes_differ_from_epoch_to_epoch),
        cmocka_unit_test(test_shares_are_made_up),
        cmocka_unit_test(test_a_share_stays_as_it_is),
        cmocka_unit_test(test_goes_on_from_any_place),
        cmocka_unit_test(test_a_batch_may_be_larger_than_the_set),
    };
    fill_set();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

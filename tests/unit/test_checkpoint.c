/*
 * Checkpoints: what is written is read, whatever its strides and element types are. Beside the real
 * PyTorch: tests/pytorch/test_checkpoint.py.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/checkpoint.h"
#include "tests/unit/pickled.h"

static void expect_read(const char *pickle, size_t len, const float *numbers, size_t count)
{
    struct error err = {0};
    struct checkpoint *c;
    if (!parse_with(&c, pickle, len, six, sizeof six, &err))
        fail_msg("%s", err.text);
    const struct tensor *t = checkpoint_find(c, "a");
    assert_non_null(t);
    assert_int_equal(t->count, count);
    assert_memory_equal(t->data, numbers, count * sizeof *numbers);
    checkpoint_close(c);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct error err = {0};
    struct checkpoint *c, *back;
    const float numbers[] = {0.0f, -0.0f, 1e-45f, 3.4028235e38f, -1.5f, 0.1f};
    assert_true(checkpoint_new(&c, &err));
    assert_true(checkpoint_add(c, "a.weight", (size_t[]){1, 2, 3, 1}, 4, numbers, &err));
    assert_true(checkpoint_add(c, "a.bias", (size_t[]){5}, 1, numbers, &err));
    assert_true(checkpoint_add(c, "scalar", NULL, 0, numbers + 5, &err));

    uint8_t *bytes, *again;
    size_t len, again_len;
    assert_true(checkpoint_format(&bytes, &len, c, &err));
    assert_true(checkpoint_parse(&back, bytes, len, &err));
    assert_int_equal(checkpoint_count(back), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct tensor *t = checkpoint_at(c, i), *b = checkpoint_at(back, i);
        assert_string_equal(b->name, t->name);
        assert_int_equal(b->rank, t->rank);
        assert_memory_equal(b->shape, t->shape, t->rank * sizeof *t->shape);
        assert_memory_equal(b->data, t->data, t->count * sizeof *t->data);
        assert_ptr_equal(checkpoint_find(back, t->name), b);
    }
    assert_null(checkpoint_at(back, 3));
    assert_null(checkpoint_find(back, "a"));
    assert_true(checkpoint_format(&again, &again_len, back, &err));
    assert_int_equal(again_len, len);
    assert_memory_equal(again, bytes, len);
    free(bytes);
    free(again);
    checkpoint_close(c);
    checkpoint_close(back);
}

static void a_full_checkpoint_goes_through(void **state)
{
    (void)state;
    struct error err = {0};
    struct checkpoint *c, *back;
    uint8_t *bytes;
    size_t len;
    assert_true(checkpoint_new(&c, &err));
    for (int i = 0; i < CHECKPOINT_TENSORS_MAX; i++) {
        char name[CHECKPOINT_NAME_SIZE];
        (void)snprintf(name, sizeof name, "%063d", i);
        assert_true(checkpoint_add(c, name, (size_t[]){1, 1, 1, 1}, 4, six, &err));
    }
    assert_true(checkpoint_format(&bytes, &len, c, &err));
    assert_true(checkpoint_parse(&back, bytes, len, &err));
    assert_int_equal(checkpoint_count(back), CHECKPOINT_TENSORS_MAX);
    assert_false(checkpoint_add(c, "more", (size_t[]){1}, 1, six, &err));
    free(bytes);
    checkpoint_close(c);
    checkpoint_close(back);
}

static void tensors_that_cannot_be_kept_are_refused(void **state)
{
    (void)state;
    struct error first = {0};
    struct checkpoint *c;
    const size_t one[] = {1, 1, 1, 1, 1}, none[] = {2, 0}, huge[] = {SIZE_MAX / 2, 4};
    char too_long[CHECKPOINT_NAME_SIZE + 1] = {0};
    memset(too_long, 'x', CHECKPOINT_NAME_SIZE);
    assert_true(checkpoint_new(&c, &first));
    assert_true(checkpoint_add(c, "taken", one, 1, six, &first));
    const struct {
        const char *name;
        const size_t *shape;
        size_t rank;
        const char *words;
    } cases[] = {
        {"taken", one, 1, "there are two"},
        {"", one, 1, "name"},
        {too_long, one, 1, "too long"},
        {"a b", one, 1, "blank"},
        {"\xc3\xa9", one, 1, "ASCII"},
        {"a", one, 5, "too many dimensions"},
        {"a", none, 2, "empty"},
        {"a", huge, 2, "too large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        assert_false(checkpoint_add(c, cases[i].name, cases[i].shape, cases[i].rank, six, &err));
        if (strstr(err.text, cases[i].words) == NULL)
            fail_msg("expected '%s' in '%s'", cases[i].words, err.text);
    }
    assert_int_equal(checkpoint_count(c), 1);
    checkpoint_close(c);
    checkpoint_close(NULL);
}

static void windows_of_any_stride_are_gathered(void **state)
{
    (void)state;
#define READ(pickle, ...)                                                \
    expect_read(pickle, sizeof pickle - 1, (const float[]){__VA_ARGS__}, \
                sizeof((const float[]){__VA_ARGS__}) / sizeof(float))
    READ(DICT(NAME_A A), 1, 2, 3, 4, 5, 6);
    READ(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\3K\2\x86", "K\1K\3\x86")), 1, 4, 2, 5, 3, 6);
    READ(DICT(NAME_A TENSOR(FLOATS, "K\1", "K\3\x85", "K\2\x85")), 2, 4, 6);
    READ(DICT(NAME_A TENSOR(FLOATS, "K\5", ")", ")")), 6);
    READ(DICT(NAME_A TENSOR(FLOATS, "K\4", "K\3K\2\x86", "K\0K\1\x86")), 5, 6, 5, 6, 5, 6);
    READ(DICT(NAME_A TENSOR(FLOATS, "K\2", "K\2K\2\x86", "K\1K\1\x86")), 3, 4, 4, 5);
    /* The stride of a dimension of one element is never taken. */
    READ(DICT(NAME_A TENSOR(FLOATS, "K\0", "K\1K\2\x86", HUGE_NUMBER "K\1\x86")), 1, 2);
#undef READ
}

static void other_element_types_are_converted(void **state)
{
    (void)state;
    static const uint16_t halves[] = {0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000};
    static const float from_halves[] = {1, -2, 0x1p-24f, 0x1.ff8p-15f, 0x1p-14f, 65504, -0.0f};
    static const uint16_t bfloats[] = {0x3f80, 0xc000, 0x0001, 0x7f7f, 0x8000};
    static const float from_bfloats[] = {1, -2, 0x1p-133f, 0x1.fep127f, -0.0f};
    static const double doubles[] = {1, -2, 0.1, 1e-300};
    static const float from_doubles[] = {1, -2, 0.1f, 0};
#define TYPE(type, count) \
    DICT(NAME_A TENSOR(STORAGE(type, "0", count), "K\0", count "\x85", "K\1\x85"))
    const struct {
        const char *pickle;
        size_t len;
        const void *record;
        size_t record_len;
        const float *numbers;
        size_t count;
    } cases[] = {
        {TYPE("HalfStorage", "K\7"), sizeof TYPE("HalfStorage", "K\7") - 1, halves, sizeof halves,
         from_halves, 7},
        {TYPE("BFloat16Storage", "K\5"), sizeof TYPE("BFloat16Storage", "K\5") - 1, bfloats,
         sizeof bfloats, from_bfloats, 5},
        {TYPE("DoubleStorage", "K\4"), sizeof TYPE("DoubleStorage", "K\4") - 1, doubles,
         sizeof doubles, from_doubles, 4},
    };
#undef TYPE
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        struct checkpoint *c;
        assert_true(parse_with(&c, cases[i].pickle, cases[i].len, cases[i].record,
                               cases[i].record_len, &err));
        assert_memory_equal(checkpoint_find(c, "a")->data, cases[i].numbers,
                            cases[i].count * sizeof(float));
        checkpoint_close(c);
    }
}

static void tensors_may_share_a_record(void **state)
{
    (void)state;
    static const char pickle[] = DICT(NAME_A A NAME_B TENSOR(FLOATS, "K\3", "K\3\x85", "K\1\x85"));
    struct error err = {0};
    struct checkpoint *c;
    assert_true(parse_with(&c, pickle, sizeof pickle - 1, six, sizeof six, &err));
    assert_memory_equal(checkpoint_find(c, "a")->data, six, sizeof six);
    assert_memory_equal(checkpoint_find(c, "b")->data, six + 3, 3 * sizeof *six);
    checkpoint_close(c);
}

static void numbers_that_are_not_finite_are_refused(void **state)
{
    (void)state;
    static const char pickle[] = DICT(NAME_A A);
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        struct error err = {0};
        struct checkpoint *c;
        float numbers[6] = {1, 2, 3, 4, 5, bad[i]};
        assert_false(parse_with(&c, pickle, sizeof pickle - 1, numbers, sizeof numbers, &err));
        assert_non_null(strstr(err.text, "'a' has a number that is not finite"));
    }
    static const char of_halves[] =
        DICT(NAME_A TENSOR(STORAGE("HalfStorage", "0", "K\1"), "K\0", "K\1\x85", "K\1\x85"));
    const uint16_t halves[] = {0x7c00, 0xfc00, 0x7e00};
    for (size_t i = 0; i < 3; i++) {
        struct error err = {0};
        struct checkpoint *c;
        assert_false(parse_with(&c, of_halves, sizeof of_halves - 1, &halves[i], 2, &err));
        assert_non_null(strstr(err.text, "'a' has a number that is not finite"));
    }
}

static void a_file_is_named_in_the_error(void **state)
{
    (void)state;
    struct error err = {0};
    struct checkpoint *c;
    assert_false(checkpoint_read(&c, "/dev/null", &err));
    assert_non_null(strstr(err.text, "'/dev/null': it is empty"));
    err = (struct error){0};
    assert_false(checkpoint_read(&c, "no/such.pth", &err));
    assert_int_equal(err.code, ERROR_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_full_checkpoint_goes_through),
        cmocka_unit_test(tensors_that_cannot_be_kept_are_refused),
        cmocka_unit_test(windows_of_any_stride_are_gathered),
        cmocka_unit_test(other_element_types_are_converted),
        cmocka_unit_test(tensors_may_share_a_record),
        cmocka_unit_test(numbers_that_are_not_finite_are_refused),
        cmocka_unit_test(a_file_is_named_in_the_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

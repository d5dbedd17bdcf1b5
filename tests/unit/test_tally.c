/* Sums over pictures: right, the same in parts as at once, and refused when altered. */
#include "train/dataset/tally.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tally a, b, whole; /* 63 KB each */

static void add_random(struct tally *t, struct tally *also)
{
    uint8_t pixels[DIGIT_PIXELS];
    const int label = rand() % DIGIT_CLASSES;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        pixels[i] = (uint8_t)(rand() >> 8);
    tally_add(t, label, pixels);
    if (also != NULL)
        tally_add(also, label, pixels);
}

static char *written(const struct tally *t, size_t *len)
{
    char *text;
    FILE *out = open_memstream(&text, len);
    tally_write(out, t);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(text[*len - 1], '\n');
    text[--*len] = '\0';
    return text;
}

static void test_figures(void **state)
{
    (void)state;
    uint8_t pixels[DIGIT_PIXELS];
    memset(&a, 0, sizeof a);
    memset(pixels, 0, sizeof pixels);
    tally_add(&a, 3, pixels);
    memset(pixels, 255, sizeof pixels);
    tally_add(&a, 3, pixels);
    pixels[0] = 51;
    tally_add(&a, 4, pixels);
    assert_int_equal(tally_count(&a), 3);
    assert_int_equal(a.blank, 2);
    assert_int_equal(a.counts[3], 2);
    assert_int_equal(a.sum, 2 * 784 * 255 - 204);
    assert_int_equal(a.squares, (2 * 784 - 1) * 255 * 255 + 51 * 51);
    assert_true(tally_class_mean(&a, 3, 0) == 0.5);
    assert_true(fabs(tally_class_mean(&a, 4, 0) - 0.2) < 1e-15);
    assert_true(tally_class_mean(&a, 4, 1) == 1);
    assert_true(tally_class_mean(&a, 5, 1) == 0);
    const double mean = (2 * 784 - 0.8) / (3 * 784);
    assert_true(fabs(tally_mean(&a) - mean) < 1e-15);
    const double deviation = sqrt((2 * 784 - 0.96) / (3 * 784) - mean * mean);
    assert_true(fabs(tally_deviation(&a) - deviation) < 1e-12);
}

static void test_nothing(void **state)
{
    (void)state;
    memset(&a, 0, sizeof a);
    assert_true(tally_mean(&a) == 0);
    assert_true(tally_deviation(&a) == 0);
}

static void test_parts_make_the_whole(void **state)
{
    (void)state;
    struct error err = {0};
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    memset(&whole, 0, sizeof whole);
    srand(7);
    for (size_t i = 0; i < 50; i++)
        add_random(i % 3 == 0 ? &a : &b, &whole);
    a.invalid = 4;
    b.invalid = 5;
    whole.invalid = 9;
    assert_true(tally_merge(&a, &b, &err));
    assert_memory_equal(&a, &whole, sizeof whole);
}

static void test_comes_back(void **state)
{
    (void)state;
    struct error err = {0};
    size_t len;
    memset(&a, 0, sizeof a);
    srand(8);
    add_random(&a, NULL);
    a.invalid = UINT64_MAX;
    char *text = written(&a, &len);
    assert_true(tally_parse(&b, text, len, &err));
    assert_memory_equal(&a, &b, sizeof a);
    free(text);
}

static void test_overflow(void **state)
{
    (void)state;
    struct error err = {0};
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    a.invalid = UINT64_MAX;
    b.invalid = 1;
    assert_false(tally_merge(&a, &b, &err));
    assert_int_equal(err.code, ERROR_BAD_DATA);
}

static void refuse(const char *line, size_t len, const char *says)
{
    struct error err = {0};
    assert_false(tally_parse(&b, line, len, &err));
    assert_int_equal(err.code, ERROR_BAD_DATA);
    if (strstr(err.text, says) == NULL)
        fail_msg("'%s', not '%s'", err.text, says);
}

static void test_altered(void **state)
{
    (void)state;
    size_t len;
    memset(&a, 0, sizeof a);
    srand(9);
    add_random(&a, NULL);
    char *text = written(&a, &len);
    refuse("", 0, "no statistics that this version knows");
    refuse("~statistics\t2\t0 0", 17, "no statistics that this version knows");
    refuse("~statistics\t1\t0 x", 17, "number 2 of its 7854");
    refuse("~statistics\t1\t0 -1", 18, "number 2 of its 7854");
    refuse("~statistics\t1\t18446744073709551616", 34, "number 1 of its 7854");
    refuse(text, len - strlen(strrchr(text, ' ')), "number 7854");
    char *longer = malloc(len + 3);
    (void)sprintf(longer, "%s 1", text);
    refuse(longer, len + 2, "something follows");
    free(longer);
    free(text);

    a.sum++;
    text = written(&a, &len);
    refuse(text, len, "contradict each other");
    free(text);
    a.sum--;
    a.blank = 2;
    text = written(&a, &len);
    refuse(text, len, "contradict each other");
    free(text);
}

/* Numbers that no pictures have, one of them too large at a time. */
static void test_impossible(void **state)
{
    (void)state;
    static const struct {
        uint64_t *number;
        uint64_t value;
    } changes[] = {
        {&a.counts[9], UINT64_MAX},
        {&a.counts[1], UINT64_MAX / 2},
        {&a.sums[0][0], UINT64_MAX},
        {&a.sums[3][783], 256000},
        {&a.sum, 0},
        {&a.blank, UINT64_MAX},
        {&a.squares, UINT64_MAX},
        {&a.squares, 0},
        {&a.counts[0], UINT64_MAX / 256},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        size_t len;
        memset(&a, 0, sizeof a);
        srand(10);
        add_random(&a, NULL);
        *changes[i].number = changes[i].value;
        char *text = written(&a, &len);
        refuse(text, len, "contradict each other");
        free(text);
    }
    /* Each sum is possible, and all of them together overflow. */
    size_t len;
    memset(&a, 0, sizeof a);
    a.counts[0] = UINT64_MAX / 255;
    a.sums[0][0] = a.sums[0][1] = UINT64_MAX / 255 * 255;
    char *text = written(&a, &len);
    refuse(text, len, "contradict each other");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_parts_make_the_whole),
        cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_altered),
        cmocka_unit_test(test_impossible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

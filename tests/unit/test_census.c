/*
 * What is counted in a data set, and which pictures are found twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "train/lab/census.h"

enum { MAX = 6 };

/* A set whose pictures are grey all over: value and label of each. */
struct plain {
    struct mnist set;
    uint8_t pixels[MAX * DIGIT_PIXELS];
    uint8_t labels[MAX];
};

static void fill(struct plain *p, size_t count, const uint8_t values[][2])
{
    for (size_t i = 0; i < count; i++) {
        memset(p->pixels + i * DIGIT_PIXELS, values[i][0], DIGIT_PIXELS);
        p->labels[i] = values[i][1];
    }
    p->set = (struct mnist){.count = count, .pixels = p->pixels, .labels = p->labels};
}

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9))
        fail_msg("%.17g is not %.17g", got, want);
}

static void test_counts_and_pixels(void **state)
{
    (void)state;
    static struct plain p;
    static struct census c;
    fill(&p, 4, (const uint8_t[][2]){{0, 1}, {0, 2}, {100, 2}, {201, 2}});
    p.pixels[0] = 4; /* so that not all of a picture is the same */
    census_take(&c, &p.set);
    assert_int_equal(c.count, 4);
    assert_int_equal(c.classes[1], 1);
    assert_int_equal(c.classes[2], 3);
    assert_int_equal(c.classes[9], 0);
    assert_int_equal(c.min, 0);
    assert_int_equal(c.max, 201);
    const double n = 4.0 * DIGIT_PIXELS, sum = 301.0 * DIGIT_PIXELS + 4;
    const double squares = (100.0 * 100 + 201.0 * 201) * DIGIT_PIXELS + 16;
    assert_near(c.mean, sum / n);
    assert_near(c.deviation, sqrt(squares / n - sum / n * (sum / n)));
    assert_near(c.blank, (2.0 * DIGIT_PIXELS - 1) / n);
    assert_int_equal(c.means[1][0], 4);
    assert_int_equal(c.means[1][1], 0);
    assert_int_equal(c.means[2][0], 100); /* 301 / 3 */
    assert_int_equal(c.means[9][0], 0);
}

static void test_finds_duplicates(void **state)
{
    (void)state;
    static struct plain train, test;
    struct census_duplicates d;
    struct error err = {0};
    fill(&train, 5, (const uint8_t[][2]){{1, 1}, {2, 2}, {1, 1}, {1, 7}, {3, 3}});
    fill(&test, 4, (const uint8_t[][2]){{9, 9}, {2, 2}, {9, 9}, {3, 5}});
    assert_true(census_find_duplicates(&d, &train.set, &test.set, &err));
    assert_int_equal(d.first, 2);       /* the second and third 1 */
    assert_int_equal(d.second, 1);      /* the second 9 */
    assert_int_equal(d.across, 2);      /* 2 and 3 */
    assert_int_equal(d.other_label, 2); /* a 1 that is called 7, a 3 that is called 5 */
}

static void test_a_pixel_makes_another_picture(void **state)
{
    (void)state;
    static struct plain train, test;
    struct census_duplicates d;
    struct error err = {0};
    fill(&train, 3, (const uint8_t[][2]){{1, 1}, {1, 1}, {1, 1}});
    fill(&test, 1, (const uint8_t[][2]){{1, 1}});
    train.pixels[DIGIT_PIXELS - 1] = 2;
    train.pixels[DIGIT_PIXELS] = 2;
    test.pixels[400] = 2;
    assert_true(census_find_duplicates(&d, &train.set, &test.set, &err));
    assert_int_equal(d.first + d.second + d.across + d.other_label, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_and_pixels),
        cmocka_unit_test(test_finds_duplicates),
        cmocka_unit_test(test_a_pixel_makes_another_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

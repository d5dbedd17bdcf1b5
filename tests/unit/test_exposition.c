/*
 * The text that Prometheus reads: names, labels, numbers; and the buckets of histograms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "server/metrics/histogram.h"

static void check(struct text *t, const char *wanted)
{
    struct error err = {0};
    char *got = NULL;
    size_t len = 0;
    assert_true(text_take(t, &got, &len, &err));
    assert_string_equal(got, wanted);
    free(got);
}

static void a_family_of_one(void **state)
{
    struct text t = {0};
    (void)state;
    exposition_single(&t, "things_total", "counter", "Things.", UINT64_MAX);
    check(&t, "# HELP things_total Things.\n"
              "# TYPE things_total counter\n"
              "things_total 18446744073709551615\n");
}

static void labels_may_hold_anything(void **state)
{
    struct text t = {0};
    (void)state;
    exposition_integer(&t, "info",
                       (struct exposition_label[]){{"a", "x"}, {"b", "\"\\\n{}"}, {NULL, NULL}}, 1);
    exposition_integer(&t, "none", (struct exposition_label[]){{NULL, NULL}}, 2);
    check(&t, "info{a=\"x\",b=\"\\\"\\\\\\n{}\"} 1\n"
              "none 2\n");
}

static void nanoseconds_become_seconds(void **state)
{
    static const struct {
        uint64_t ns;
        const char *wanted;
    } cases[] = {{0, "s 0.000000000\n"},
                 {1, "s 0.000000001\n"},
                 {999999999, "s 0.999999999\n"},
                 {1000000000, "s 1.000000000\n"},
                 {UINT64_MAX, "s 18446744073.709551615\n"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text t = {0};
        exposition_seconds(&t, "s", NULL, cases[i].ns);
        check(&t, cases[i].wanted);
    }
}

static uint64_t at(const struct histogram *h, size_t i)
{
    return counter_read(&h->counts[i]);
}

static void a_bound_holds_what_equals_it(void **state)
{
    const struct histogram_scale *scales[] = {&histogram_durations, &histogram_images};
    (void)state;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
            struct histogram h = {0};
            histogram_add(&h, scales[s], scales[s]->bounds[i]);
            histogram_add(&h, scales[s], scales[s]->bounds[i] + 1);
            assert_int_equal(at(&h, i), 1);
            assert_int_equal(at(&h, i + 1), 1);
            assert_int_equal(counter_read(&h.sum), 2 * scales[s]->bounds[i] + 1);
        }
}

/* The name of a bound and its number say the same. */
static void bounds_are_what_they_are_called(void **state)
{
    (void)state;
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
        const double seconds = strtod(histogram_durations.names[i], NULL);
        assert_int_equal((uint64_t)(seconds * 1e9 + 0.5), histogram_durations.bounds[i]);
        assert_int_equal(strtoull(histogram_images.names[i], NULL, 10), histogram_images.bounds[i]);
        if (i > 0) {
            assert_true(histogram_durations.bounds[i] > histogram_durations.bounds[i - 1]);
            assert_true(histogram_images.bounds[i] > histogram_images.bounds[i - 1]);
        }
    }
}

static void buckets_add_up(void **state)
{
    struct text t = {0};
    struct error err = {0};
    struct histogram h = {0}, sum = {0};
    char *got = NULL;
    size_t len = 0;
    (void)state;
    for (uint64_t images = 1; images <= 5000; images += 833)
        histogram_add(&h, &histogram_images, images);
    histogram_sum(&sum, &h);
    histogram_sum(&sum, &h);
    histogram_write(&t, "h", &(struct exposition_label){"who", "me"}, &sum, &histogram_images);
    assert_true(text_take(&t, &got, &len, &err));
    assert_non_null(strstr(got, "h_bucket{who=\"me\",le=\"1\"} 2\n"));
    assert_non_null(strstr(got, "h_bucket{who=\"me\",le=\"256\"} 2\n"));
    assert_non_null(strstr(got, "h_bucket{who=\"me\",le=\"1024\"} 4\n"));
    assert_non_null(strstr(got, "h_bucket{who=\"me\",le=\"4096\"} 10\n"));
    assert_non_null(strstr(got, "h_bucket{who=\"me\",le=\"+Inf\"} 14\n"));
    assert_non_null(strstr(got, "h_sum{who=\"me\"} 35000\n"));
    assert_non_null(strstr(got, "h_count{who=\"me\"} 14\n"));
    assert_int_equal(histogram_count(&sum), 14);
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_of_one),
        cmocka_unit_test(labels_may_hold_anything),
        cmocka_unit_test(nanoseconds_become_seconds),
        cmocka_unit_test(a_bound_holds_what_equals_it),
        cmocka_unit_test(bounds_are_what_they_are_called),
        cmocka_unit_test(buckets_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

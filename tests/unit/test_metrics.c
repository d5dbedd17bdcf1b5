/*
 * Logs of training: what is taken, what is passed by, what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "train/lab/metrics.h"

static void assert_equal(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12))
        fail_msg("%.17g is not %.17g", got, want);
}

static void parse(struct metrics *m, const char *text)
{
    struct error err = {0};
    if (!metrics_parse(m, text, strlen(text), &err))
        fail_msg("%s", err.text);
}

static void refuse(const char *text, const char *why)
{
    struct error err = {0};
    struct metrics m;
    assert_false(metrics_parse(&m, text, strlen(text), &err));
    assert_int_equal(err.code, ERROR_BAD_DATA);
    if (strstr(err.text, why) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, why);
    assert_null(m.rows);
}

static void test_takes_every_figure(void **state)
{
    (void)state;
    struct metrics m;
    parse(&m, "{\"epoch\": 1, \"step\": 938, \"loss\": 0.25, \"accuracy\": 0.92, "
              "\"validation_loss\": 0.07, \"validation_accuracy\": 0.979, "
              "\"learning_rate\": 0.001, \"images_per_second\": 4023.5, \"seconds\": 15.1}\n"
              "{\"epoch\": 2}\n");
    assert_int_equal(m.count, 2);
    assert_equal(m.rows[0].epoch, 1);
    assert_equal(m.rows[0].step, 938);
    assert_equal(m.rows[0].loss, 0.25);
    assert_equal(m.rows[0].accuracy, 0.92);
    assert_equal(m.rows[0].validation_loss, 0.07);
    assert_equal(m.rows[0].validation_accuracy, 0.979);
    assert_equal(m.rows[0].learning_rate, 0.001);
    assert_equal(m.rows[0].images_per_second, 4023.5);
    assert_equal(m.rows[0].seconds, 15.1);
    assert_equal(m.rows[1].epoch, 2);
    assert_true(isnan(m.rows[1].loss) && isnan(m.rows[1].seconds));
    metrics_free(&m);
}

static void test_passes_others_by(void **state)
{
    (void)state;
    struct metrics m;
    parse(&m, "{\"recipe\": \"quick\"}\n\n[1]\n{\"epoch\": 3, \"loss\": null, \"more\": {}}\n");
    assert_int_equal(m.count, 1);
    assert_equal(m.rows[0].epoch, 3);
    assert_true(isnan(m.rows[0].loss));
    metrics_free(&m);
}

static void test_last_line_may_be_cut_off(void **state)
{
    (void)state;
    struct metrics m;
    parse(&m, "{\"epoch\": 1}\n{\"epoch\": 2, \"lo");
    assert_int_equal(m.count, 1);
    metrics_free(&m);
    parse(&m, "{\"epoch\": 1}\n{\"epoch\": 2}");
    assert_int_equal(m.count, 2);
    metrics_free(&m);
}

static void test_says_what_is_wrong(void **state)
{
    (void)state;
    refuse("", "no line with an epoch");
    refuse("{\"loss\": 1}\n", "no line with an epoch");
    refuse("{\"epoch\": 1}\n{\"epoch\": 2, \"lo\n", "line 2 is not JSON");
    refuse("{\"epoch\": 1, \"epoch\": 2}\n", "line 1 is not JSON");
}

static void test_names_the_file(void **state)
{
    (void)state;
    struct error err = {0};
    struct metrics m;
    assert_false(metrics_read(&m, "tests/fuzz/corpus/metrics/broken.jsonl", &err));
    assert_non_null(strstr(err.text, "broken.jsonl: line 2 is not JSON"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_every_figure),       cmocka_unit_test(test_passes_others_by),
        cmocka_unit_test(test_last_line_may_be_cut_off), cmocka_unit_test(test_says_what_is_wrong),
        cmocka_unit_test(test_names_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

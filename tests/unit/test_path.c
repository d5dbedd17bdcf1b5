/* Which paths fit which patterns. */
#include "server/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_match(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *path;
        const char *first; /* NULL: it does not fit, or there is none */
        const char *second;
        bool fits;
    } rows[] = {
        {"/predict", "/predict", NULL, NULL, true},
        {"/predict", "/predict/", NULL, NULL, false},
        {"/predict", "/predic", NULL, NULL, false},
        {"/v2/{model}", "/v2/a", "a", NULL, true},
        {"/v2/{model}", "/v2/", NULL, NULL, false},
        {"/v2/{model}", "/v2/a/b", NULL, NULL, false},
        {"/v2/{model}/ready", "/v2/cnn mnist/ready", "cnn mnist", NULL, true},
        {"/v2/{model}/ready", "/v2//ready", NULL, NULL, false},
        {"/v2/{model}/v/{version}", "/v2/a:b/v/1.0", "a:b", "1.0", true},
        {"/v1/{model}:predict", "/v1/a:predict", "a", NULL, true},
        {"/v1/{model}:predict", "/v1/a:b:predict", "a:b", NULL, true},
        {"/v1/{model}:predict", "/v1/:predict", NULL, NULL, false},
        {"/v1/{model}:predict", "/v1/a:explain", NULL, NULL, false},
        {"/v1/{model}:predict", "/v1/a:predict/b", NULL, NULL, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct path_part parts[PATH_PARTS_MAX];
        assert_int_equal(path_match(rows[i].pattern, rows[i].path, parts), rows[i].fits);
        if (!rows[i].fits)
            continue;
        const char *wanted[PATH_PARTS_MAX] = {rows[i].first, rows[i].second};
        for (size_t k = 0; k < PATH_PARTS_MAX; k++) {
            assert_int_equal(parts[k].text != NULL, wanted[k] != NULL);
            if (wanted[k] != NULL)
                assert_true(path_part_is(&parts[k], wanted[k]));
        }
    }
}

static void test_is(void **state)
{
    (void)state;
    const struct path_part part = {"model/x", 5};
    assert_true(path_part_is(&part, "model"));
    assert_false(path_part_is(&part, "mode"));
    assert_false(path_part_is(&part, "model/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* server/api.h: what the server says of itself and its model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "server/api.h"
#include "tests/unit/parsed.h"

static const struct api_model model = {"cnn_mnist", "0123456789ab", {1, 0.5}};
static const struct api_source current = {"/a/\377.pth", false, true, 0, 1, 86399, NULL};
static const struct api_source stale = {"webhdfs://h/m.pth", true, false, 2, 1, 3, "down"};

#define STALE                                                                    \
    "\"source\":{\"url\":\"webhdfs://h/m.pth\",\"state\":\"stale\","             \
    "\"since\":\"1970-01-01T00:00:02Z\",\"loaded_at\":\"1970-01-01T00:00:01Z\"," \
    "\"checked_at\":\"1970-01-01T00:00:03Z\",\"error\":\"down\"}"

static void test_model(void **state)
{
    (void)state;
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(api_write_model(
        &text, &len, "{\"name\": \"x\", \"source\": \"a lie\", \"test\": {\"accuracy\": 0.99}}",
        "torch", "libtorch 1.13.1, cpu", &stale, &err));
    assert_string_equal(text, "{\"name\":\"x\",\"test\":{\"accuracy\":0.99},\"engine\":"
                              "{\"name\":\"torch\",\"description\":\"libtorch 1.13.1, "
                              "cpu\"}," STALE "}\n");
    json_decref(parsed(text, len));
    assert_false(api_write_model(&text, &len, "[]", "torch", "", &current, &err));
    assert_int_equal(err.code, ERROR_BAD_MODEL);
    err = (struct error){0};
    assert_false(api_write_model(&text, &len, "{", "torch", "", &current, &err));
    assert_int_equal(err.code, ERROR_BAD_MODEL);
}

/* A path need not be UTF-8, the answer must be. */
static void test_model_of_a_path(void **state)
{
    (void)state;
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(api_write_model(&text, &len, "{}", "native", "x", &current, &err));
    json_t *json = parsed(text, len);
    json_t *source = json_object_get(json, "source");
    assert_string_equal(json_string_value(json_object_get(source, "path")), "/a/\357\277\275.pth");
    assert_string_equal(json_string_value(json_object_get(source, "state")), "current");
    assert_string_equal(json_string_value(json_object_get(source, "checked_at")),
                        "1970-01-01T23:59:59Z");
    assert_true(json_is_null(json_object_get(source, "error")));
    json_decref(json);
}

static void test_ready(void **state)
{
    (void)state;
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(api_write_ready(&text, &len, &current, &err));
    assert_string_equal(text, "{\"status\":\"ready\"}\n");
    free(text);
    assert_true(api_write_ready(&text, &len, &stale, &err));
    assert_string_equal(text, "{\"status\":\"ready\"," STALE "}\n");
    json_decref(parsed(text, len));
}

static void test_small_documents(void **state)
{
    (void)state;
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(api_write_health(&text, &len, &model, "torch", &err));
    json_t *json = parsed(text, len);
    assert_string_equal(json_string_value(json_object_get(json, "engine")), "torch");
    json_decref(json);
    assert_true(api_write_status(&text, &len, "ok", &err));
    assert_string_equal(text, "{\"status\":\"ok\"}\n");
    free(text);
    assert_true(api_write_version(&text, &len, "digitd", "0.1.0", &err));
    assert_string_equal(text, "{\"name\":\"digitd\",\"version\":\"0.1.0\"}\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_model_of_a_path),
        cmocka_unit_test(test_ready),
        cmocka_unit_test(test_small_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

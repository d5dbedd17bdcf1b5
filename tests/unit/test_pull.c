/* JSON by pulling: the values, their kinds, what is skipped, and where a text is no JSON. */
#include "server/pull.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct error err;
static struct pull p;

static void start(const char *text)
{
    err = (struct error){0};
    pull_start(&p, text, strlen(text), &err);
}

static void assert_fails(enum error_code code, const char *text)
{
    assert_false(pull_good(&p));
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, text);
    pull_stop(&p);
}

static void assert_text(const struct pull_text *text, const char *characters)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): the caller has asserted that it is there
     */
    assert_int_equal(text->len, strlen(characters));
    assert_memory_equal(text->bytes, characters, text->len);
}

static void test_values(void **state)
{
    (void)state;
    struct pull_text name, text;
    double number;
    bool boolean;
    start(" {\"a\" : \"x\", \"b\":[ 1.5 , true,false ,{}, [] ],\"c\":null}\n");
    assert_true(pull_object(&p, "it"));
    assert_true(pull_member(&p, &name) && pull_string(&p, &text, "it"));
    assert_text(&name, "a");
    assert_text(&text, "x");
    assert_true(pull_member(&p, &name) && pull_array(&p, "it"));
    assert_true(pull_element(&p) && pull_number(&p, &number, "it") && number == 1.5);
    assert_true(pull_element(&p) && pull_boolean(&p, &boolean, "it") && boolean);
    assert_true(pull_element(&p) && pull_boolean(&p, &boolean, "it") && !boolean);
    assert_true(pull_element(&p) && pull_object(&p, "it") && !pull_member(&p, &name));
    assert_true(pull_element(&p) && pull_array(&p, "it") && !pull_element(&p));
    assert_false(pull_element(&p));
    assert_true(pull_member(&p, &name) && pull_peek(&p) == PULL_NULL && pull_skip(&p));
    assert_false(pull_member(&p, &name));
    assert_true(pull_end(&p) && pull_good(&p));
    pull_stop(&p);
}

static void test_strings(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *text;
    } rows[] = {
        {"\"\"", ""},
        {"\"plain ~\"", "plain ~"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\\uD83d\\ude00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\"\xc3\xa9\x7f\xf0\x9f\x98\x80\"", "\xc3\xa9\x7f\xf0\x9f\x98\x80"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pull_text text;
        start(rows[i].json);
        assert_true(pull_string(&p, &text, "it") && pull_end(&p));
        assert_text(&text, rows[i].text);
        pull_stop(&p);
    }
}

/* Each is no JSON, at that column, whether it is pulled or skipped. */
static void test_no_json(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *text;
    } rows[] = {
        {"", "line 1, column 1: the text ends too early"},
        {"[1", "line 1, column 3: the text ends too early"},
        {"[1 2]", "line 1, column 4: there must be ',' or ']' here"},
        {"[1,\n ]", "line 2, column 2: there is no JSON value here"},
        {"[,1]", "line 1, column 2: there is no JSON value here"},
        {"[1}", "line 1, column 3: there must be ',' or ']' here"},
        {"{\"a\":1]", "line 1, column 7: there must be ',' or '}' here"},
        {"{\"a\" 1}", "line 1, column 6: there must be ':' here"},
        {"{a:1}", "line 1, column 2: there must be a member's name in quotes here"},
        {"{\"a\":1,}", "line 1, column 8: there must be a member's name in quotes here"},
        {"[truE]", "line 1, column 2: there is no JSON value here"},
        {"[NaN]", "line 1, column 2: there is no JSON value here"},
        {"[-]", "line 1, column 2: this is no JSON number"},
        {"[1.]", "line 1, column 2: this is no JSON number"},
        {"[1e]", "line 1, column 2: this is no JSON number"},
        {"[01]", "line 1, column 2: this is no JSON number"},
        {"[\"a", "line 1, column 4: the text ends too early"},
        {"[\"a\\", "line 1, column 5: the text ends too early"},
        {"[\"\\u12\"]", "line 1, column 3: this \\u stands for no character"},
        {"[\"\\ud800\\u0041\"]", "line 1, column 3: this \\u stands for no character"},
        {"[\"\\udc00\"]", "line 1, column 3: this \\u stands for no character"},
        {"[\"\\q\"]", "line 1, column 3: there is no such escape"},
        {"[\"\x01\"]", "line 1, column 3: a control character in a string must be escaped"},
        {"[\"\xff\"]", "line 1, column 3: this is not UTF-8"},
        {"[\"\xc3\"]", "line 1, column 3: this is not UTF-8"},
        {"[1] 2", "line 1, column 5: there is more behind the value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(rows[i].json);
        assert_false(pull_skip(&p) && pull_end(&p));
        assert_fails(ERROR_NOT_JSON, rows[i].text);
    }
}

static void test_kinds(void **state)
{
    (void)state;
    struct pull_text text;
    double number;
    bool boolean;
    start("[]");
    assert_false(pull_string(&p, &text, "'id'"));
    assert_fails(ERROR_WRONG_SHAPE, "'id' is an array; it must be a string");
    start("null");
    assert_false(pull_number(&p, &number, "'n'"));
    assert_fails(ERROR_WRONG_SHAPE, "'n' is null; it must be a number");
    start("1");
    assert_false(pull_boolean(&p, &boolean, "'b'"));
    assert_fails(ERROR_WRONG_SHAPE, "'b' is a number; it must be true or false");
    start("nul");
    assert_false(pull_number(&p, &number, "'n'"));
    assert_fails(ERROR_NOT_JSON, "line 1, column 1: there is no JSON value here");
}

static void assert_all_fail(void)
{
    struct pull_text text;
    double number;
    bool boolean;
    assert_int_equal(pull_peek(&p), PULL_NOTHING);
    assert_int_equal(pull_peek_inside(&p), PULL_NOTHING);
    assert_false(pull_element(&p) || pull_member(&p, &text));
    assert_false(pull_object(&p, "it") || pull_array(&p, "it"));
    assert_false(pull_string(&p, &text, "it") || pull_number(&p, &number, "it"));
    assert_false(pull_boolean(&p, &boolean, "it") || pull_skip(&p) || pull_end(&p));
}

/* The first failure stays: that of a value, or one that the caller found. */
static void test_after_a_failure(void **state)
{
    (void)state;
    static const char *const texts[] = {"[1, true]", "[[1], 2]", "[{\"a\": 1}]", "[\"a\"]", "[]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        start(texts[i]);
        assert_true(pull_array(&p, "it"));
        (void)error_set(&err, ERROR_TOO_MANY_IMAGES, "the caller's own");
        assert_all_fail();
        assert_fails(ERROR_TOO_MANY_IMAGES, "the caller's own");
    }
    struct pull_text text;
    start("[1, true]");
    assert_true(pull_array(&p, "it") && pull_element(&p));
    assert_false(pull_string(&p, &text, "'a'"));
    assert_all_fail();
    assert_fails(ERROR_WRONG_SHAPE, "'a' is a number; it must be a string");
}

static void test_depth(void **state)
{
    (void)state;
    char text[2 * PULL_DEPTH_MAX + 3];
    memset(text, '[', PULL_DEPTH_MAX);
    memset(text + PULL_DEPTH_MAX, ']', PULL_DEPTH_MAX);
    text[2 * PULL_DEPTH_MAX] = '\0';
    start(text);
    assert_true(pull_skip(&p) && pull_end(&p));
    pull_stop(&p);
    memset(text, '[', PULL_DEPTH_MAX + 1);
    memset(text + PULL_DEPTH_MAX + 1, ']', PULL_DEPTH_MAX + 1);
    text[2 * PULL_DEPTH_MAX + 2] = '\0';
    start(text);
    assert_false(pull_skip(&p));
    assert_fails(ERROR_WRONG_SHAPE, "the JSON is nested more than 64 deep");
}

/* What was skipped can be gone back to as often as one likes. */
static void test_back(void **state)
{
    (void)state;
    struct pull_text text;
    start("[\"\\u00e9\\u00e9\\u00e9\"]");
    const char *here = p.at;
    for (size_t i = 0; i < 100; i++) {
        assert_true(pull_skip(&p));
        pull_back(&p, here);
    }
    assert_true(pull_array(&p, "it") && pull_element(&p) && pull_string(&p, &text, "it"));
    assert_text(&text, "\xc3\xa9\xc3\xa9\xc3\xa9");
    pull_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),          cmocka_unit_test(test_strings),
        cmocka_unit_test(test_no_json),         cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_depth),           cmocka_unit_test(test_back),
        cmocka_unit_test(test_after_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Trace Context (W3C): which traceparents are taken, what is passed on; and request ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/trace.h"

#define ID "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static void what_is_valid_is_taken(void **state)
{
    static const char *const values[] = {
        "00-" ID "-" SPAN "-01",
        "cc-" ID "-" SPAN "-01",
        "01-" ID "-" SPAN "-01-and what else a later version may say",
        "cc-" ID "-" SPAN "-01-",
    };
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct trace t;
        assert_true(trace_read(&t, values[i]));
        assert_string_equal(t.id, ID);
        assert_string_equal(t.span, SPAN);
        assert_string_equal(t.flags, "01");
    }
}

static void what_is_not_is_none(void **state)
{
    static const char *const values[] = {
        "",
        "0",
        "00",
        "00-",
        "00-" ID,
        "00-" ID "-" SPAN,
        "00-" ID "-" SPAN "-",
        "00-" ID "-" SPAN "-0",
        "00-" ID "-" SPAN "-01-",
        "00-" ID "-" SPAN "-01-more",
        "00-" ID "-" SPAN "-01 ",
        "00-" ID "-" SPAN "-011",
        "cc-" ID "-" SPAN "-01.more",
        "ff-" ID "-" SPAN "-01",
        "0g-" ID "-" SPAN "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
        "00-" ID "-B7AD6B7169203331-01",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" ID "-0000000000000000-01",
        "00_" ID "-" SPAN "-01",
        "00-" ID "_" SPAN "-01",
        "00-" ID "-" SPAN "_01",
        "00-" ID "f-" SPAN "-01",
        " 00-" ID "-" SPAN "-01",
    };
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct trace t;
        assert_false(trace_read(&t, values[i]));
        assert_string_equal(t.id, "");
        assert_string_equal(t.span, "");
    }
}

/* Of version 00, whatever came, and without flags that are not known. */
static void what_is_passed_on(void **state)
{
    char out[TRACE_PARENT_SIZE];
    struct trace t;
    (void)state;
    assert_true(trace_read(&t, "cc-" ID "-" SPAN "-fd-more"));
    trace_write(out, &t);
    assert_string_equal(out, "00-" ID "-" SPAN "-01");
    assert_true(trace_read(&t, "00-" ID "-" SPAN "-02"));
    trace_write(out, &t);
    assert_string_equal(out, "00-" ID "-" SPAN "-02");
}

static void spans_are_new(void **state)
{
    char one[TRACE_SPAN_SIZE], other[TRACE_SPAN_SIZE];
    (void)state;
    trace_new_span(one);
    trace_new_span(other);
    assert_int_equal(strspn(one, "0123456789abcdef"), TRACE_SPAN_LEN);
    assert_int_equal(strlen(one), TRACE_SPAN_LEN);
    assert_string_not_equal(one, other);
}

static void request_ids(void **state)
{
    char longest[TRACE_REQUEST_ID_MAX + 2] = {0};
    (void)state;
    memset(longest, 'x', TRACE_REQUEST_ID_MAX);
    assert_true(trace_takes_request_id(longest));
    longest[TRACE_REQUEST_ID_MAX] = 'x';
    assert_false(trace_takes_request_id(longest));
    assert_true(trace_takes_request_id("!"));
    assert_true(trace_takes_request_id("~"));
    assert_true(trace_takes_request_id("3f2504e0-4f89-11d3-9a0c-0305e82c3301"));
    assert_false(trace_takes_request_id(""));
    assert_false(trace_takes_request_id("a b"));
    assert_false(trace_takes_request_id("a\tb"));
    assert_false(trace_takes_request_id("a\x7f"));
    assert_false(trace_takes_request_id("\xc3\xa9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_valid_is_taken),
        cmocka_unit_test(what_is_not_is_none),
        cmocka_unit_test(what_is_passed_on),
        cmocka_unit_test(spans_are_new),
        cmocka_unit_test(request_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

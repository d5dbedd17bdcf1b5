/*
 * JSON strings: what must be escaped is, and what is not UTF-8 does not get out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "train/json.h"

static const struct {
    const char *text;
    const char *json;
} cases[] = {
    {"", "\"\""},
    {"digits/7.png", "\"digits/7.png\""},
    {"a\"b\\c", "\"a\\\"b\\\\c\""},
    {"tab\tline\n", "\"tab\\u0009line\\u000a\""},
    {"\x7f", "\"\x7f\""},
    {"\xc3\xb1 \xe2\x82\xac \xf0\x9f\x99\x82", "\"\xc3\xb1 \xe2\x82\xac \xf0\x9f\x99\x82\""},
    {"\xff", "\"\\ufffd\""},
    {"\x80", "\"\\ufffd\""},
    {"\xc0\xaf", "\"\\ufffd\\ufffd\""},            /* an overlong slash */
    {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""}, /* a surrogate */
    {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"cut \xe2\x82", "\"cut \\ufffd\\ufffd\""},
    {"cut \xc3", "\"cut \\ufffd\""},
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = NULL;
        size_t len;
        FILE *out = open_memstream(&got, &len);
        assert_non_null(out);
        json_text(out, cases[i].text);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(got, cases[i].json);
        free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

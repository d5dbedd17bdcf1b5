/* Numbers read as strtod reads them, to a few units in the last place; and nothing else read. */
#include "model/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_reads(const char *text)
{
    double value;
    assert_int_equal(number_read(&value, text, strlen(text)), strlen(text));
    const double expected = strtod(text, NULL);
    if (isfinite(expected))
        assert_true(fabs(value - expected) <= 8 * fabs(expected) * 0x1p-53 + 0x1p-1060);
    else
        assert_true(value == expected);
    assert_int_equal(signbit(value), signbit(expected));
}

static void test_table(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "255",
        "0.5",
        "-1.25",
        "0.1",
        "1e0",
        "1E+2",
        "1e-7",
        "0.000001",
        "0e999",
        "0.00000000000000000000000000000000000000000000000000000000000000000000000123e80",
        "123456789012345678901234567890",
        "0.12345678901234567890123456789012345",
        "1e22",
        "1e23",
        "9007199254740993",
        "4.9e-324",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1e309",
        "-1e309",
        "1e-400",
        "1e999999999999",
        "1e-999999999999",
        "100000000000000000000000000000e-29",
        "0.39215687",
        "0.003921568859368563",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_reads(texts[i]);
}

static void test_no_number(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "-",   "+1", ".5",  "1.",  "1.e1", "1e",
                                        "e1", "1e+", "01", "-01", "NaN", "inf",  "-a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value;
        assert_int_equal(number_read(&value, texts[i], strlen(texts[i])), 0);
    }
}

static void test_ends(void **state)
{
    (void)state;
    double value;
    assert_int_equal(number_read(&value, "12,3", 4), 2);
    assert_true(value == 12);
    assert_int_equal(number_read(&value, "123", 2), 2);
    assert_true(value == 12);
    assert_int_equal(number_read(&value, "0.5]", 4), 3);
}

/* Every float comes back from how we write it, and from how others write its double. */
static void test_floats_come_back(void **state)
{
    (void)state;
    uint32_t bits = 1;
    for (size_t i = 0; i < 200000; i++) {
        char text[64];
        float value;
        double read;
        bits = bits * 1664525 + 1013904223;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        size_t len = number_write(text, value);
        assert_int_equal(number_read(&read, text, len), len);
        assert_true((float)read == value);
        len = (size_t)snprintf(text, sizeof text, "%.17g", (double)value);
        assert_int_equal(number_read(&read, text, len), len);
        assert_true((float)read == value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_no_number),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_floats_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Numbers read back as they were, in as few digits as that takes, laid out as JSON. */
#include "model/number.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    float value;
    const char *text;
};

static const char *written(float value)
{
    static char text[NUMBER_SIZE + 1];
    size_t len = number_write(text, value);
    assert_in_range(len, 1, NUMBER_SIZE);
    text[len] = '\0';
    return text;
}

static void test_table(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0.0f, "0"},
        {-0.0f, "-0"},
        {1.0f, "1"},
        {-1.0f, "-1"},
        {10.0f, "10"},
        {0.5f, "0.5"},
        {0.1f, "0.1"},
        {1.0f / 3, "0.33333334"},
        {2.0f / 3, "0.6666667"},
        {0.0123f, "0.0123"},
        {0.99999994f, "0.99999994"}, /* the last float before 1 */
        {1.0000001f, "1.0000001"},
        {0.001f, "0.001"},
        {1e-6f, "0.000001"},
        {1.5e-6f, "0.0000015"},
        {1e-7f, "1e-7"},
        {1.25e-7f, "1.25e-7"},
        {-1e-9f, "-1e-9"},
        {123456.7f, "123456.7"},
        {16777216.0f, "16777216"},
        {1e20f, "100000000000000000000"},
        {1e21f, "1e+21"},
        {FLT_MAX, "3.4028235e+38"},
        {-FLT_MAX, "-3.4028235e+38"},
        {FLT_MIN, "1.1754944e-38"},
        {FLT_TRUE_MIN, "1e-45"},
        {9.8e-45f, "1e-44"},
        {8.5899346e9f, "8589935000"}, /* 2^33: its lower neighbour is closer */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(written(rows[i].value), rows[i].text);
}

static size_t digits_in(const char *text)
{
    char digits[NUMBER_SIZE];
    size_t count = 0;
    for (; *text != '\0' && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
            digits[count++] = *text;
    while (count > 0 && digits[count - 1] == '0')
        count--;
    return count;
}

/* That it reads back, that the closest text of one digit less does not, and that it is itself the
 * closest text of its length. (At a power of two the interval is lopsided, and the closest text of
 * a length may lie outside of it.) */
static void check(float value)
{
    const char *text = written(value);
    assert_true(strtof(text, NULL) == value);
    int count = (int)digits_in(text);
    assert_in_range(count, 1, 9);
    char other[512];
    if (count > 1) {
        (void)snprintf(other, sizeof other, "%.*g", count - 1, (double)value);
        if (strtof(other, NULL) == value)
            fail_msg("%s is longer than %s", text, other);
    }
    int exponent;
    if (frexpf(fabsf(value), &exponent) == 0.5f)
        return;
    (void)snprintf(other, sizeof other, "%.*g", count, (double)value);
    if (strtod(text, NULL) != strtod(other, NULL))
        fail_msg("%s is closer than %s", other, text);
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A step that is prime to every power of two walks through all exponents and endings. */
static void test_all_over_the_range(void **state)
{
    (void)state;
    for (uint32_t bits = 1; bits < 0x7f800000; bits += 1999)
        check(float_of(bits));
}

static void test_powers_of_two_and_their_neighbours(void **state)
{
    (void)state;
    for (uint32_t exponent = 1; exponent < 255; exponent++)
        for (uint32_t off = 0; off < 3; off++)
            check(float_of((exponent << 23) + off - 1));
    for (uint32_t bits = 1; bits < 3000; bits++) /* the smallest subnormals */
        check(float_of(bits));
}

static void test_between_0_and_1(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252; /* xorshift64 (Marsaglia, 2003) */
    for (int i = 0; i < 1000000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        float value = (float)(x >> 40) * 0x1p-24f;
        if (value != 0)
            check(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_all_over_the_range),
        cmocka_unit_test(test_powers_of_two_and_their_neighbours),
        cmocka_unit_test(test_between_0_and_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Block characters, character by character, as they go to something that is no terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "train/plot/terminal.h"

static char *printed;
static size_t printed_len;

static FILE *begin(void)
{
    FILE *out = open_memstream(&printed, &printed_len);
    assert_non_null(out);
    return out;
}

static void expect(FILE *out, const char *want)
{
    assert_int_equal(fclose(out), 0);
    assert_string_equal(printed, want);
    free(printed);
}

static void test_bars(void **state)
{
    (void)state;
    FILE *out = begin();
    terminal_bar(out, 0, 4, true, false);
    (void)fputc('|', out);
    terminal_bar(out, 0.5, 4, true, false);
    (void)fputc('|', out);
    terminal_bar(out, 0.53125, 4, false, false); /* 17 eighths */
    (void)fputc('|', out);
    terminal_bar(out, 1.5, 4, false, false);
    expect(out, "    |██  |██▏ |████");
}

static void test_picture_without_colours(void **state)
{
    (void)state;
    uint8_t pixels[DIGIT_PIXELS] = {0};
    pixels[2 * DIGIT_SIDE + 1] = 255; /* upper */
    pixels[3 * DIGIT_SIDE + 2] = 255; /* lower */
    pixels[2 * DIGIT_SIDE + 3] = pixels[3 * DIGIT_SIDE + 3] = 255;
    pixels[2 * DIGIT_SIDE + 4] = 20; /* too faint */
    FILE *out = begin();
    terminal_picture_row(out, pixels, 1, false);
    expect(out, " ▀▄█                        ");
}

static void test_picture_with_colours(void **state)
{
    (void)state;
    uint8_t pixels[DIGIT_PIXELS] = {0};
    char want[DIGIT_SIDE * 32] = "\033[38;5;231;48;5;16m▀\033[38;5;16;48;5;243m▀";
    pixels[0] = 255;
    pixels[DIGIT_SIDE + 1] = 125;
    for (size_t i = 2; i < DIGIT_SIDE; i++)
        strcat(want, "\033[38;5;16;48;5;16m▀");
    strcat(want, "\033[0m");
    FILE *out = begin();
    terminal_picture_row(out, pixels, 0, true);
    expect(out, want);
}

static void test_a_file_is_no_terminal(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_false(terminal_is(file));
    assert_false(terminal_colours(file));
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_picture_without_colours),
        cmocka_unit_test(test_picture_with_colours),
        cmocka_unit_test(test_a_file_is_no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Records parsed and written: what is one, what is on it, and what is said of what is none. */
#include "train/dataset/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base64.h"
#include "model/canvas.h"
#include "model/file.h"
#include "model/image.h"

static void refuse(const char *line, const char *says)
{
    struct error err = {0};
    struct record r;
    assert_false(record_parse(&r, line, strlen(line), &err));
    if (strstr(err.text, says) == NULL)
        fail_msg("'%s' gives '%s', not '%s'", line, err.text, says);
}

static struct record parse(const char *line)
{
    struct error err = {0};
    struct record r;
    if (!record_parse(&r, line, strlen(line), &err))
        fail_msg("'%s': %s", line, err.text);
    return r;
}

static void expect_field(struct field f, const char *text)
{
    assert_int_equal(f.len, strlen(text));
    assert_memory_equal(f.text, text, f.len);
}

static void test_fields(void **state)
{
    (void)state;
    struct record r = parse("train/00007\t3\tAAAA");
    expect_field(r.key, "train/00007");
    expect_field(r.picture, "AAAA");
    expect_field(r.first, "");
    assert_int_equal(r.label, 3);
    r = parse("x\t9\tAAAA\ttest/1");
    expect_field(r.first, "test/1");
    assert_int_equal(r.label, 9);
    r = parse("x\t\tAAAA");
    expect_field(r.key, "x");
    assert_int_equal(r.label, RECORD_UNLABELLED);
    r = parse("AAAA");
    expect_field(r.key, "");
    expect_field(r.picture, "AAAA");
    assert_int_equal(r.label, RECORD_UNLABELLED);
}

static void test_what_is_none(void **state)
{
    (void)state;
    refuse("", "it has no picture");
    refuse("x\t3\t", "it has no picture");
    refuse("x\tAAAA", "it has 2 fields");
    refuse("x\t3\tAAAA\ty\tz", "it has 5 fields");
    refuse("x\t10\tAAAA", "its label is '10'; labels are 0 to 9");
    refuse("x\ta\tAAAA", "its label is 'a'");
    refuse("x\t-\tAAAA", "its label is '-'");
    refuse("x\t:\tAAAA", "its label is ':'");
    refuse("\t3\tAAAA", "its key cannot be one");
    refuse("a b\t3\tAAAA", "its key cannot be one");
    refuse("\xc3\xa9\t3\tAAAA", "its key cannot be one");
    refuse("x\t3\tAAAA\t", "its key cannot be one");
    refuse("x\t3\tAAAA\t~y", "its key cannot be one");
    refuse("~invalid\tx\ty", "it is a note");
}

static void test_keys(void **state)
{
    (void)state;
    char key[RECORD_KEY_MAX + 1];
    memset(key, 'k', sizeof key);
    assert_true(record_is_key((struct field){key, RECORD_KEY_MAX}));
    assert_false(record_is_key((struct field){key, RECORD_KEY_MAX + 1}));
    assert_false(record_is_key((struct field){key, 0}));
    assert_true(record_is_key((struct field){"a~", 2}));
    assert_false(record_is_key((struct field){"~a", 2}));
    for (int c = 0; c < 256; c++) {
        const char two[] = {'a', (char)c};
        assert_int_equal(record_is_key((struct field){two, 2}), c > ' ' && c <= '~');
    }
}

/* A picture of these bytes. */
static struct record holding(char **text, const uint8_t *bytes, size_t len)
{
    const size_t text_len = base64_text_len(len);
    *text = malloc(text_len);
    assert_non_null(*text);
    base64_encode(*text, bytes, len);
    return (struct record){.picture = {*text, text_len}};
}

static void test_every_byte_comes_back(void **state)
{
    (void)state;
    uint8_t pixels[DIGIT_PIXELS], again[DIGIT_PIXELS];
    float floats[DIGIT_PIXELS];
    struct error err = {0};
    char *text;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        pixels[i] = (uint8_t)i;
    struct record r = holding(&text, pixels, DIGIT_PIXELS);
    assert_true(record_bytes(again, &r, &err));
    assert_memory_equal(again, pixels, DIGIT_PIXELS);
    assert_true(record_floats(floats, &r, &err));
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        assert_true(floats[i] == (float)pixels[i] / 255.0f);
    free(text);
}

/* A file becomes what the server makes of it, and then the nearest bytes. */
static void expect_as_the_server(const char *path)
{
    uint8_t *bytes, got[DIGIT_PIXELS];
    float want[DIGIT_PIXELS], floats[DIGIT_PIXELS];
    size_t len;
    char *text;
    struct picture picture;
    struct error err = {0};
    assert_true(file_read(&bytes, &len, path, SIZE_MAX, &err));
    assert_true(image_decode(&picture, bytes, len, &err));
    assert_true(canvas_normalise(want, &picture, CANVAS_AUTO, &err));
    struct record r = holding(&text, bytes, len);
    assert_true(record_floats(floats, &r, &err));
    assert_memory_equal(floats, want, sizeof want);
    assert_true(record_bytes(got, &r, &err));
    for (size_t i = 0; i < DIGIT_PIXELS; i++) {
        float off = (float)got[i] - want[i] * 255.0f;
        assert_true(off <= 0.5f && off >= -0.5f);
    }
    image_free(&picture);
    free(bytes);
    free(text);
}

static void test_picture_files(void **state)
{
    (void)state;
    expect_as_the_server("tests/data/digits/4.png");
    expect_as_the_server("tests/pictures/seven.png");
}

static void refuse_picture(const uint8_t *bytes, size_t len, enum error_code code, const char *says)
{
    struct error err = {0};
    uint8_t pixels[DIGIT_PIXELS];
    char *text;
    struct record r = holding(&text, bytes, len);
    assert_false(record_bytes(pixels, &r, &err));
    assert_int_equal(err.code, code);
    if (strstr(err.text, says) == NULL)
        fail_msg("'%s', not '%s'", err.text, says);
    free(text);
}

static void test_pictures_that_are_none(void **state)
{
    (void)state;
    static const uint8_t bytes[DIGIT_PIXELS + 1];
    uint8_t pixels[DIGIT_PIXELS];
    struct error err = {0};
    refuse_picture(bytes, DIGIT_PIXELS - 1, ERROR_NOT_AN_IMAGE, "784 pixels; these are 783 bytes");
    refuse_picture(bytes, DIGIT_PIXELS + 1, ERROR_NOT_AN_IMAGE, "these are 785 bytes");
    refuse_picture((const uint8_t *)"GIF89a", 6, ERROR_UNSUPPORTED_IMAGE, "this is a GIF");
    const struct record r = {.picture = {"AA!A", 4}};
    assert_false(record_bytes(pixels, &r, &err));
    assert_int_equal(err.code, ERROR_NOT_BASE64);
}

/* 40x40 white pixels as a BMP file: a picture, but of nothing. */
static void test_nothing_drawn(void **state)
{
    (void)state;
    enum { SIDE = 40, HEAD = 54 };
    static uint8_t bmp[HEAD + SIDE * SIDE * 3];
    static const uint8_t head[] = {'B', 'M', 0, 0,    0, 0, 0, 0,    0, 0, HEAD, 0, 0, 0, 40,
                                   0,   0,   0, SIDE, 0, 0, 0, SIDE, 0, 0, 0,    1, 0, 24};
    uint8_t pixels[DIGIT_PIXELS];
    float floats[DIGIT_PIXELS];
    struct error err = {0};
    char *text;
    memset(bmp + HEAD, 255, sizeof bmp - HEAD);
    memcpy(bmp, head, sizeof head);
    struct record r = holding(&text, bmp, sizeof bmp);
    assert_true(record_bytes(pixels, &r, &err));
    assert_true(record_is_blank(pixels));
    assert_int_equal(pixels[0], 0);
    assert_false(record_floats(floats, &r, &err));
    assert_int_equal(err.code, ERROR_NOTHING_DRAWN);
    free(text);
}

static void test_blank(void **state)
{
    (void)state;
    uint8_t pixels[DIGIT_PIXELS];
    memset(pixels, 100, sizeof pixels);
    assert_true(record_is_blank(pixels));
    pixels[5] = 100 + RECORD_CONTRAST_MIN - 1;
    assert_true(record_is_blank(pixels));
    pixels[700] = 99;
    assert_false(record_is_blank(pixels));
    pixels[700] = 100;
    pixels[5]++;
    assert_false(record_is_blank(pixels));
}

static void expect_written(FILE *out, char **text, const char *want)
{
    assert_int_equal(fclose(out), 0);
    assert_string_equal(*text, want);
    free(*text);
}

static void test_written(void **state)
{
    (void)state;
    char *text;
    size_t len;
    static uint8_t pixels[DIGIT_PIXELS];
    char want[1200] = "a/1\t7\t";
    pixels[0] = 0xfb;
    strcat(want, "+wAA");
    while (strlen(want) < 6 + 1044)
        strcat(want, "AAAA");
    strcat(want, "AA==\n");
    FILE *out = open_memstream(&text, &len);
    record_write(out, (struct field){"a/1...", 3}, 7, pixels);
    expect_written(out, &text, want);

    out = open_memstream(&text, &len);
    record_write_invalid(out, (struct field){"a/1...", 3}, "why");
    record_write_invalid(out, (struct field){"a b", 3}, "why");
    record_write_invalid(out, (struct field){"", 0}, "why");
    expect_written(out, &text, "~invalid\ta/1\twhy\n~invalid\t-\twhy\n~invalid\t-\twhy\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_keys),          cmocka_unit_test(test_every_byte_comes_back),
        cmocka_unit_test(test_picture_files), cmocka_unit_test(test_pictures_that_are_none),
        cmocka_unit_test(test_nothing_drawn), cmocka_unit_test(test_blank),
        cmocka_unit_test(test_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

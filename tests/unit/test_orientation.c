/*
 * Photographs are turned as their Exif data say; and data that say nothing sound turn nothing.
 * tests/pictures/seven.jpg gets the segments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/file.h"
#include "model/image.h"

enum { FILE_MAX = 1 << 20, SEGMENT_MAX = 128 };

static uint8_t *jpeg;
static size_t jpeg_len;

static int read_file(void **state)
{
    (void)state;
    struct error err = {0};
    return !file_read(&jpeg, &jpeg_len, "tests/pictures/seven.jpg", FILE_MAX, &err);
}

static int free_file(void **state)
{
    (void)state;
    free(jpeg);
    return 0;
}

/* The file with these bytes as its first APP1 segment; the caller frees it. */
static uint8_t *with_segment(const uint8_t *data, size_t len)
{
    uint8_t *file = malloc(jpeg_len + 4 + len);
    assert_non_null(file);
    memcpy(file, jpeg, 2);
    memcpy(file + 2, (uint8_t[]){0xff, 0xe1, (uint8_t)((len + 2) >> 8), (uint8_t)(len + 2)}, 4);
    memcpy(file + 6, data, len);
    memcpy(file + 6 + len, jpeg + 2, jpeg_len - 2);
    return file;
}

static struct picture decode(const uint8_t *data, size_t len)
{
    uint8_t *file = with_segment(data, len);
    struct picture p;
    struct error err = {0};
    if (!image_decode(&p, file, jpeg_len + 4 + len, &err))
        fail_msg("%s", err.text);
    free(file);
    return p;
}

/* Exif data with another entry and then an orientation. Returns their length. */
static size_t exif(uint8_t *out, bool is_big, uint8_t orientation)
{
    static const uint8_t big[] = "Exif\0\0MM\0\x2a\0\0\0\x08\0\x02"
                                 "\x01\x0f\0\x02\0\0\0\x01X\0\0\0"
                                 "\x01\x12\0\x03\0\0\0\x01\0V\0\0\0\0\0\0";
    static const uint8_t little[] = "Exif\0\0II\x2a\0\x08\0\0\0\x02\0"
                                    "\x0f\x01\x02\0\x01\0\0\0X\0\0\0"
                                    "\x12\x01\x03\0\x01\0\0\0V\0\0\0\0\0\0\0";
    memcpy(out, is_big ? big : little, sizeof big - 1);
    *(uint8_t *)memchr(out, 'V', sizeof big) = orientation;
    return sizeof big - 1;
}

static struct picture turned(bool is_big, uint8_t orientation)
{
    uint8_t data[SEGMENT_MAX];
    return decode(data, exif(data, is_big, orientation));
}

static void expect_untouched(const struct picture *p)
{
    struct picture plain;
    struct error err = {0};
    assert_true(image_decode(&plain, jpeg, jpeg_len, &err));
    assert_int_equal(p->width, plain.width);
    assert_memory_equal(p->pixels, plain.pixels, plain.width * plain.height);
    image_free(&plain);
}

/* Where the stored picture's upper left pixel and the one to its right get to. */
static void each_way_is_turned_back(void **state)
{
    (void)state;
    struct picture plain = turned(false, 1);
    const size_t w = plain.width, h = plain.height;
    const struct {
        size_t first, step;
    } places[9] = {
        {0},    {0, 1},     {w - 1, (size_t)-1}, {w * h - 1, (size_t)-1}, {w * (h - 1), 1},
        {0, h}, {h - 1, h}, {w * h - 1, 0 - h},  {h * (w - 1), 0 - h}};
    expect_untouched(&plain);
    for (uint8_t orientation = 1; orientation <= 8; orientation++)
        for (int big = 0; big <= 1; big++) {
            struct picture p = turned(big, orientation);
            assert_int_equal(p.width, orientation >= 5 ? h : w);
            assert_int_equal(p.height, orientation >= 5 ? w : h);
            for (size_t i = 0; i < w; i++)
                assert_int_equal(p.pixels[places[orientation].first + i * places[orientation].step],
                                 plain.pixels[i]);
            image_free(&p);
        }
    image_free(&plain);
}

static void what_is_no_orientation_turns_nothing(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
    } damages[] = {
        {0, 'e'}, {5, 1},     {6, 'm'}, {7, 'X'}, {9, 43}, {10, 0xff}, {13, 0xff}, {15, 1},
        {15, 0},  {29, 0x13}, {31, 4},  {35, 2},  {37, 0}, {37, 9},    {36, 1},    {37, 0xff},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        uint8_t data[SEGMENT_MAX];
        size_t len = exif(data, true, 6);
        data[damages[i].at] = damages[i].byte;
        struct picture p = decode(data, len);
        expect_untouched(&p);
        image_free(&p);
    }
}

static void data_that_are_cut_off_turn_nothing(void **state)
{
    (void)state;
    uint8_t data[SEGMENT_MAX];
    exif(data, true, 6);
    for (size_t len = 0; len < 40; len++) {
        struct picture p = decode(data, len);
        expect_untouched(&p);
        image_free(&p);
    }
}

static void the_first_orientation_counts(void **state)
{
    (void)state;
    uint8_t data[SEGMENT_MAX], *const plain = jpeg;
    const size_t plain_len = jpeg_len, len = exif(data, true, 3);
    struct picture once = turned(true, 6);
    jpeg = with_segment(data, len);
    jpeg_len += 4 + len;
    struct picture twice = turned(true, 6);
    assert_int_equal(twice.width, once.width);
    assert_memory_equal(twice.pixels, once.pixels, once.width * once.height);
    image_free(&twice);
    image_free(&once);
    free(jpeg);
    jpeg = plain;
    jpeg_len = plain_len;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_orientation_counts),
        cmocka_unit_test(each_way_is_turned_back),
        cmocka_unit_test(what_is_no_orientation_turns_nothing),
        cmocka_unit_test(data_that_are_cut_off_turn_nothing),
    };
    return cmocka_run_group_tests(tests, read_file, free_file);
}

/*
 * Picture files: each kind that is read gives the pixels that were written, and each kind that is
 * not is refused by its code. The files are made by tests/data/make_pictures.py, which knows the
 * same formulas.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/image.h"

enum { WIDTH = 13, HEIGHT = 9, FILE_MAX = 16384 };

static uint8_t bytes[FILE_MAX];
static size_t len;

static void read_file(const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "tests/data/pictures/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    len = fread(bytes, 1, sizeof bytes, f);
    assert_in_range(len, 1, sizeof bytes - 1);
    (void)fclose(f);
}

static void assert_refused(const void *file, size_t file_len, enum error_code code)
{
    /* A copy of its own lets AddressSanitizer see a read past the end. */
    uint8_t *copy = malloc(file_len == 0 ? 1 : file_len);
    assert_non_null(copy);
    memcpy(copy, file, file_len);
    struct error err = {0};
    struct picture p;
    bool ok = image_decode(&p, copy, file_len, &err);
    free(copy);
    assert_false(ok);
    if (err.code != code)
        print_error("%s: %s\n", error_name(err.code), err.text);
    assert_int_equal(err.code, code);
    assert_null(p.pixels);
    assert_true(strlen(err.text) > 10);
}

static struct picture decoded(const char *name)
{
    struct error err = {0};
    struct picture p;
    read_file(name);
    if (!image_decode(&p, bytes, len, &err))
        fail_msg("%s: %s", name, err.text);
    return p;
}

static int luminance(size_t r, size_t g, size_t b)
{
    return (int)(0.299 * (double)r + 0.587 * (double)g + 0.114 * (double)b + 0.5);
}

static int grey_at(size_t x, size_t y, unsigned depth)
{
    if (depth == 16)
        return (int)((x * 4001 + y * 1013) % 65536 >> 8);
    size_t levels = (size_t)1 << depth;
    return (int)((x * 7 + y * 5) % levels * 255 / (levels - 1));
}

static int palette_at(size_t x, size_t y, unsigned depth)
{
    size_t i = (x * 7 + y * 5) % ((size_t)1 << depth);
    return luminance(i * 37 % 256, i * 91 % 256, i * 53 % 256);
}

static int rgb_at(size_t x, size_t y, unsigned depth)
{
    (void)depth;
    return luminance((x * 19 + y) % 256, (x + y * 23) % 256, (x * 5 + y * 11) % 256);
}

static void each_kind_gives_its_pixels(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int (*at)(size_t x, size_t y, unsigned depth);
        unsigned depth;
        int tolerance;
    } files[] = {
        {"grey-1.png", grey_at, 1, 0},
        {"grey-2.png", grey_at, 2, 0},
        {"grey-4.png", grey_at, 4, 0},
        {"grey-8.png", grey_at, 8, 0},
        {"grey-16.png", grey_at, 16, 0},
        {"grey-1-interlaced.png", grey_at, 1, 0},
        {"grey-8-interlaced.png", grey_at, 8, 0},
        {"grey-alpha-8.png", grey_at, 8, 0},
        {"grey-alpha-16.png", grey_at, 16, 0},
        {"rgb-8.png", rgb_at, 8, 1},
        {"rgb-16.png", rgb_at, 8, 1},
        {"rgb-8-interlaced.png", rgb_at, 8, 1},
        {"rgba-8.png", rgb_at, 8, 1},
        {"rgba-16.png", rgb_at, 8, 1},
        {"palette-1.png", palette_at, 1, 1},
        {"palette-2.png", palette_at, 2, 1},
        {"palette-4.png", palette_at, 4, 1},
        {"palette-8.png", palette_at, 8, 1},
        {"palette-1.bmp", palette_at, 1, 1},
        {"palette-4.bmp", palette_at, 4, 1},
        {"palette-8.bmp", palette_at, 8, 1},
        {"rgb-24.bmp", rgb_at, 8, 1},
        {"rgb-24-downwards.bmp", rgb_at, 8, 1},
        {"rgb-32.bmp", rgb_at, 8, 1},
        {"rgb-15.bmp", rgb_at, 8, 8},
        {"rgb-16-masks.bmp", rgb_at, 8, 8},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct picture p = decoded(files[i].name);
        assert_int_equal(p.width, WIDTH);
        assert_int_equal(p.height, HEIGHT);
        for (size_t y = 0; y < HEIGHT; y++)
            for (size_t x = 0; x < WIDTH; x++) {
                int got = p.pixels[y * WIDTH + x], want = files[i].at(x, y, files[i].depth);
                if (abs(got - want) > files[i].tolerance)
                    fail_msg("%s at %zu,%zu: %d, not %d", files[i].name, x, y, got, want);
            }
        image_free(&p);
        assert_null(p.pixels);
    }
}

static void jpegs_look_like_what_they_were_made_of(void **state)
{
    (void)state;
    const char *const names[] = {"seed-grey.jpg", "seed-progressive.jpg", "seed-restart.jpg"};
    struct picture digit = decoded("digit.png");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct picture p = decoded(names[i]);
        int error_sum = 0;
        assert_int_equal(p.width, digit.width);
        assert_int_equal(p.height, digit.height);
        for (size_t k = 0; k < p.width * p.height; k++)
            error_sum += abs(p.pixels[k] - digit.pixels[k]);
        assert_in_range(error_sum, 0, 5 * 28 * 28);
        image_free(&p);
    }
    image_free(&digit);
}

static void transparency_shows_what_is_drawn(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int stroke, around, corner;
    } files[] = {
        {"strokes-dark.png", 20, 255, 255},   {"strokes-light.png", 240, 0, 0},
        {"strokes-faint.png", 127, 255, 255}, {"strokes-grey.png", 240, 0, 0},
        {"strokes-palette.png", 240, 0, 0},   {"strokes-key.png", 240, 0, 0},
        {"page-light.png", 20, 240, 255},     {"page-dark.png", 240, 20, 0},
        {"strokes-thick.png", 20, 255, 255},  {"nothing.png", 255, 255, 255},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct picture p = decoded(files[i].name);
        int stroke = p.pixels[3 * WIDTH + 5], around = p.pixels[WIDTH + 2], corner = p.pixels[0];
        if (stroke != files[i].stroke || around != files[i].around || corner != files[i].corner)
            fail_msg("%s: %d %d %d", files[i].name, stroke, around, corner);
        image_free(&p);
    }
}

static void other_formats_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t head_len;
        const char *name;
    } others[] = {
        {"GIF89a\x1c\0", 8, "a GIF"},
        {"RIFF\x24\0\0\0WEBPVP8 ", 16, "a WebP picture"},
        {"II*\0\x08\0\0\0", 8, "a TIFF"},
        {"MM\0*\0\0\0\x08", 8, "a TIFF"},
        {"\0\0\0\x1c"
         "ftypavif",
         12, "an AVIF picture"},
        {"\0\0\0\x18"
         "ftypheic",
         12, "a HEIC picture"},
        {"%PDF-1.7\n", 9, "a PDF"},
        {"<svg xmlns=''/>", 15, "an SVG"},
        {"8BPS\0\1", 6, "a Photoshop file"},
        {"\0\0\1\0\1\0", 6, "an icon"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct error err = {0};
        struct picture p;
        char want[80];
        (void)snprintf(want, sizeof want, "this is %s; send PNG, JPEG or BMP", others[i].name);
        assert_false(image_decode(&p, (const uint8_t *)others[i].head, others[i].head_len, &err));
        assert_int_equal(err.code, ERROR_UNSUPPORTED_IMAGE);
        assert_string_equal(err.text, want);
    }
}

static void what_is_no_picture_is_refused(void **state)
{
    (void)state;
    assert_refused("", 0, ERROR_EMPTY_IMAGE);
    assert_refused("x", 1, ERROR_NOT_AN_IMAGE);
    assert_refused("hello, world", 12, ERROR_NOT_AN_IMAGE);
    assert_refused("iVBORw0KGgoAAAANSUhEUg==", 24, ERROR_NOT_AN_IMAGE);
    assert_refused("\x89PNG\n\x1a\n\0\0\0\rIHDR", 15, ERROR_NOT_AN_IMAGE);
}

static void bad_files_are_refused_by_code(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum error_code code;
    } files[] = {
        {"bad-bomb.png", ERROR_NOT_AN_IMAGE},
        {"bad-too-few-rows.png", ERROR_NOT_AN_IMAGE},
        {"bad-no-width.png", ERROR_NOT_AN_IMAGE},
        {"bad-depth.png", ERROR_NOT_AN_IMAGE},
        {"bad-chunk.png", ERROR_NOT_AN_IMAGE},
        {"bad-side.png", ERROR_IMAGE_TOO_LARGE},
        {"bad-sides.png", ERROR_IMAGE_TOO_LARGE},
        {"bad-area.png", ERROR_IMAGE_TOO_LARGE},
        {"bad-rle.bmp", ERROR_UNSUPPORTED_IMAGE},
        {"bad-many-scans.jpg", ERROR_NOT_AN_IMAGE},
        {"bad-long-table.jpg", ERROR_NOT_AN_IMAGE},
        {"bad-arithmetic.jpg", ERROR_UNSUPPORTED_IMAGE},
        {"bad-twelve-bits.jpg", ERROR_UNSUPPORTED_IMAGE},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        read_file(files[i].name);
        assert_refused(bytes, len, files[i].code);
    }
}

/* Of a good BMP, one number of its headers is another. */
static void headers_of_bmp_are_checked(void **state)
{
    (void)state;
    enum { HEADER_LEN = 14, WIDTH_AT = 18, HEIGHT_AT = 22, DEPTH_AT = 28 };
    static const struct {
        size_t at;
        uint32_t value;
        enum error_code code;
    } changes[] = {
        {HEADER_LEN, 12, ERROR_UNSUPPORTED_IMAGE}, {HEADER_LEN, 64, ERROR_UNSUPPORTED_IMAGE},
        {HEADER_LEN, 41, ERROR_NOT_AN_IMAGE},      {HEADER_LEN, 56, ERROR_NOT_AN_IMAGE},
        {HEADER_LEN, 108, ERROR_NOT_AN_IMAGE},     {HEADER_LEN, 124, ERROR_NOT_AN_IMAGE},
        {WIDTH_AT, 0, ERROR_NOT_AN_IMAGE},         {WIDTH_AT, UINT32_MAX, ERROR_NOT_AN_IMAGE},
        {HEIGHT_AT, 0, ERROR_NOT_AN_IMAGE},        {DEPTH_AT, 64, ERROR_NOT_AN_IMAGE},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        read_file("rgb-24.bmp");
        for (size_t byte = 0; byte < (changes[i].at == DEPTH_AT ? 2 : 4); byte++)
            ((uint8_t *)bytes)[changes[i].at + byte] = (uint8_t)(changes[i].value >> 8 * byte);
        assert_refused(bytes, len, changes[i].code);
    }
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } files[] = {
        {"bad-area.png", "the picture is 8192x2049; it can have 16777216 pixels at most"},
        {"bad-side.png", "the picture is 8193x1; a side can have 8192 pixels at most"},
        {"bad-bomb.png", "the PNG is damaged: it holds more data than its size allows"},
        {"bad-chunk.png", "the PNG has a chunk CgBI that it may not have there"},
        {"bad-long-table.jpg", "the JPEG is damaged: a Huffman table is too long before byte 443"},
        {"bad-many-scans.jpg", "the JPEG has more than 64 scans"},
        {"bad-rle.bmp", "this is a compressed BMP; save it uncompressed, or as PNG"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct error err = {0};
        struct picture p;
        read_file(files[i].name);
        assert_false(image_decode(&p, bytes, len, &err));
        assert_string_equal(err.text, files[i].text);
    }
}

/* Every length from where the format can be told. */
static void cut_files_are_truncated(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t magic_len;
        size_t left_out; /* bytes at the end that may be missing */
    } files[] = {
        {"grey-8.png", 4, 0},    {"rgb-8-interlaced.png", 4, 0}, {"seed-grey.jpg", 3, 0},
        {"rgb-24.bmp", 2, 1},    {"seed-progressive.jpg", 3, 0}, {"seed-restart.jpg", 3, 0},
        {"palette-8.bmp", 2, 3},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        read_file(files[i].name);
        for (size_t cut = files[i].magic_len; cut < len - files[i].left_out; cut++)
            assert_refused(bytes, cut, ERROR_TRUNCATED_IMAGE);
    }
}

static void no_flipped_bit_of_a_png_is_missed(void **state)
{
    (void)state;
    read_file("grey-8.png");
    for (size_t bit = 0; bit < len * 8; bit++) {
        struct error err = {0};
        struct picture p;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(image_decode(&p, bytes, len, &err));
        assert_true(err.code == ERROR_NOT_AN_IMAGE || err.code == ERROR_TRUNCATED_IMAGE);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* A flipped bit of these may go unseen, but it neither crashes nor makes a picture of another
 * size than was declared. */
static void flipped_bits_do_no_harm(void **state)
{
    (void)state;
    const char *const names[] = {"seed-grey.jpg", "seed-progressive.jpg", "seed-restart.jpg",
                                 "palette-4.bmp", "rgb-16-masks.bmp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        read_file(names[i]);
        for (size_t bit = 0; bit < len * 8; bit++) {
            struct error err = {0};
            struct picture p;
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (image_decode(&p, bytes, len, &err))
                assert_true(p.width <= IMAGE_SIDE_MAX && p.height <= IMAGE_SIDE_MAX);
            else
                assert_int_not_equal(err.code, ERROR_NONE);
            image_free(&p);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void what_follows_the_end_is_ignored(void **state)
{
    (void)state;
    const char *const names[] = {"grey-8.png", "seed-grey.jpg", "rgb-24.bmp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct error err = {0};
        struct picture p;
        read_file(names[i]);
        memset(bytes + len, 0xff, 100);
        assert_true(image_decode(&p, bytes, len + 100, &err));
        image_free(&p);
    }
}

static void a_written_png_reads_back(void **state)
{
    (void)state;
    uint8_t pixels[28 * 28], file[IMAGE_PNG_LEN(28, 28)];
    struct picture p;
    struct error err = {0};
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37 % 251);
    image_png_write(file, pixels, 28, 28);
    assert_true(image_decode(&p, file, sizeof file, &err));
    assert_int_equal(p.width, 28);
    assert_memory_equal(p.pixels, pixels, sizeof pixels);
    image_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_png_reads_back),
        cmocka_unit_test(each_kind_gives_its_pixels),
        cmocka_unit_test(jpegs_look_like_what_they_were_made_of),
        cmocka_unit_test(transparency_shows_what_is_drawn),
        cmocka_unit_test(other_formats_are_named),
        cmocka_unit_test(what_is_no_picture_is_refused),
        cmocka_unit_test(bad_files_are_refused_by_code),
        cmocka_unit_test(headers_of_bmp_are_checked),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(cut_files_are_truncated),
        cmocka_unit_test(no_flipped_bit_of_a_png_is_missed),
        cmocka_unit_test(flipped_bits_do_no_harm),
        cmocka_unit_test(what_follows_the_end_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

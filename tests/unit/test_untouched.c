/*
 * All of MNIST's 70,000 pictures, from data/, pass CANVAS_AUTO bit for bit, and so they do
 * inverted. Without the files it is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/canvas.h"

enum { HEADER_LEN = 16 };

static void check(uint8_t pixels[DIGIT_PIXELS], size_t index, uint8_t flip)
{
    float out[DIGIT_PIXELS];
    struct error err = {0};
    const struct picture p = {DIGIT_SIDE, DIGIT_SIDE, pixels};
    if (!canvas_normalise(out, &p, CANVAS_AUTO, &err))
        fail_msg("picture %zu: %s", index, err.text);
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        if (out[i] != (float)(pixels[i] ^ flip) / 255.0f)
            fail_msg("picture %zu: pixel %zu became %f", index, i, (double)out[i]);
}

static void check_file(const char *path, size_t count)
{
    uint8_t header[HEADER_LEN], pixels[DIGIT_PIXELS];
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        skip();
    assert_int_equal(fread(header, sizeof header, 1, f), 1);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(fread(pixels, sizeof pixels, 1, f), 1);
        check(pixels, i, 0);
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            pixels[k] ^= 255;
        check(pixels, i, 255);
    }
    (void)fclose(f);
}

static void those_for_training(void **state)
{
    (void)state;
    check_file("data/train-images-idx3-ubyte", 60000);
}

static void those_for_tests(void **state)
{
    (void)state;
    check_file("data/t10k-images-idx3-ubyte", 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_for_training),
        cmocka_unit_test(those_for_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

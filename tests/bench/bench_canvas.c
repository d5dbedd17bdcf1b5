/*
 * How long the step from a decoded picture to 28x28 takes, on one thread.
 *
 *     bench_canvas IMAGES        (IMAGES: an IDX file, data/t10k-images-idx3-ubyte)
 *
 * It prints a line for each kind of picture that the digits of the file are brought to: the median
 * of the passes, in microseconds a picture.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/canvas.h"
#include "model/file.h"
#include "tests/bench/clock.h"
#include "train/dataset/mnist.h"

enum { PICTURES = 64, PASSES = 41, FILE_MAX = 64 * 1024 * 1024 };

struct kind {
    const char *name;
    size_t times;  /* larger than MNIST's pictures */
    size_t margin; /* around them, at that size */
    bool is_paper; /* dark on light */
    bool is_uneven;
};

static const struct kind kinds[] = {
    {"MNIST, 28x28", 1, 0, false, false},         {"moved, 44x44", 1, 8, false, false},
    {"canvas, 280x280", 10, 0, true, false},      {"canvas, 560x560", 20, 0, true, false},
    {"photograph, 480x480", 10, 100, true, true},
};

static void paint(struct picture *out, const uint8_t *digit, const struct kind *k)
{
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++) {
            /* Left of and above the digit the difference is huge. */
            size_t column = (x - k->margin) / k->times, row = (y - k->margin) / k->times;
            bool within = column < DIGIT_SIDE && row < DIGIT_SIDE;
            unsigned level = within && digit[row * DIGIT_SIDE + column] > 127 ? 255 : 0;
            level = k->is_paper ? 255 - level * 3 / 4 : level;
            if (k->is_uneven)
                level = level * (unsigned)(out->width * 2 - x) / (unsigned)(out->width * 2);
            out->pixels[y * out->width + x] = (uint8_t)level;
        }
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool measure(const struct kind *k, const uint8_t *digits, struct error *err)
{
    float out[DIGIT_PIXELS];
    double passes[PASSES];
    struct picture pictures[PICTURES];
    const size_t side = k->times * DIGIT_SIDE + 2 * k->margin;
    uint8_t *memory = malloc(PICTURES * side * side);
    bool good = memory != NULL || error_set(err, ERROR_OUT_OF_MEMORY, "no memory for pictures");
    for (size_t i = 0; good && i < PICTURES; i++) {
        pictures[i] = (struct picture){side, side, memory + i * side * side};
        paint(&pictures[i], digits + i * DIGIT_PIXELS, k);
    }
    for (size_t pass = 0; good && pass < PASSES; pass++) {
        const double start = clock_seconds();
        for (size_t i = 0; good && i < PICTURES; i++)
            good = canvas_normalise(out, &pictures[i], CANVAS_AUTO, err);
        passes[pass] = (clock_seconds() - start) * 1e6 / PICTURES;
    }
    free(memory);
    if (!good)
        return false;
    qsort(passes, PASSES, sizeof *passes, by_size);
    (void)printf("%-20s %8.1f us\n", k->name, passes[PASSES / 2]);
    return true;
}

/* The first of the file's pictures, over and over where it has fewer. */
static bool read_digits(uint8_t digits[PICTURES * DIGIT_PIXELS], const char *path,
                        struct error *err)
{
    uint8_t *bytes;
    const uint8_t *pixels;
    size_t len, count;
    if (!file_read(&bytes, &len, path, FILE_MAX, err))
        return false;
    bool good = idx_images(&pixels, &count, bytes, len, err);
    if (good && count == 0)
        good = error_set(err, ERROR_BAD_DATA, "%s: it holds no pictures", path);
    for (size_t i = 0; good && i < PICTURES; i++)
        memcpy(digits + i * DIGIT_PIXELS, pixels + i % count * DIGIT_PIXELS, DIGIT_PIXELS);
    free(bytes);
    return good;
}

int main(int argc, char **argv)
{
    static uint8_t digits[PICTURES * DIGIT_PIXELS];
    struct error err = {0};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: bench_canvas IMAGES\n");
        return 2;
    }
    bool good = read_digits(digits, argv[1], &err);
    for (size_t i = 0; good && i < sizeof kinds / sizeof *kinds; i++)
        good = measure(&kinds[i], digits, &err);
    if (!good)
        (void)fprintf(stderr, "bench_canvas: %s\n", err.text);
    return good ? 0 : 1;
}

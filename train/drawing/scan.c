/*
 * Pure functions over the caller's memory; any thread.
 */
#include "train/drawing/scan.h"

#include <math.h>
#include <string.h>

#include "model/canvas.h"
#include "train/drawing/within.h"

enum {
    SIDE = DIGIT_SIDE,
    TIMES = 3,
    LARGE = SIDE * TIMES,
    BLOCK = 8,
    BLOCKS = (SIDE + BLOCK - 1) / BLOCK,
};

/* Where a large picture's pixel lies between two small ones. */
static void place(size_t large, size_t *before, size_t *after, float *share)
{
    float at = within(((float)large + 0.5f) / TIMES - 0.5f, 0.0f, SIDE - 1);
    *before = (size_t)at;
    *after = *before + 1 < SIDE ? *before + 1 : *before;
    *share = at - (float)*before;
}

void scan_enlarged(float picture[DIGIT_PIXELS], float sharpness)
{
    uint8_t pixels[LARGE * LARGE];
    const struct picture large = {LARGE, LARGE, pixels};
    struct error err = {0};
    float field[DIGIT_PIXELS];
    for (size_t y = 0; y < LARGE; y++) {
        size_t top, bottom, left, right;
        float down, along;
        place(y, &top, &bottom, &down);
        const float *a = picture + top * SIDE, *b = picture + bottom * SIDE;
        for (size_t x = 0; x < LARGE; x++) {
            place(x, &left, &right, &along);
            float upper = a[left] + along * (a[right] - a[left]);
            float lower = b[left] + along * (b[right] - b[left]);
            float level = 0.5f + sharpness * (upper + down * (lower - upper) - 0.5f);
            pixels[y * LARGE + x] = (uint8_t)(within(level, 0.0f, 1.0f) * 255.0f + 0.5f);
        }
    }
    if (canvas_normalise(field, &large, CANVAS_MNIST, &err))
        memcpy(picture, field, sizeof field);
}

/* ---- JPEG ---- */

static const uint8_t table[BLOCK][BLOCK] = {
    {16, 11, 10, 16, 24, 40, 51, 61},     {12, 12, 14, 19, 26, 58, 60, 55},
    {14, 13, 16, 24, 40, 57, 69, 56},     {14, 17, 22, 29, 51, 87, 80, 62},
    {18, 22, 37, 56, 68, 109, 103, 77},   {24, 35, 55, 64, 81, 104, 113, 92},
    {49, 64, 78, 87, 103, 121, 120, 101}, {72, 92, 95, 98, 112, 100, 103, 99},
};

/* 0.5 cos((2 x + 1) u pi / 16), and 1 / sqrt(8) where u is 0: an orthogonal matrix. */
static const float cosines[BLOCK][BLOCK] = {
    {0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f,
     0.35355339f},
    {0.49039264f, 0.41573481f, 0.27778512f, 0.09754516f, -0.09754516f, -0.27778512f, -0.41573481f,
     -0.49039264f},
    {0.46193977f, 0.19134172f, -0.19134172f, -0.46193977f, -0.46193977f, -0.19134172f, 0.19134172f,
     0.46193977f},
    {0.41573481f, -0.09754516f, -0.49039264f, -0.27778512f, 0.27778512f, 0.49039264f, 0.09754516f,
     -0.41573481f},
    {0.35355339f, -0.35355339f, -0.35355339f, 0.35355339f, 0.35355339f, -0.35355339f, -0.35355339f,
     0.35355339f},
    {0.27778512f, -0.49039264f, 0.09754516f, 0.41573481f, -0.41573481f, -0.09754516f, 0.49039264f,
     -0.27778512f},
    {0.19134172f, -0.46193977f, 0.46193977f, -0.19134172f, -0.19134172f, 0.46193977f, -0.46193977f,
     0.19134172f},
    {0.09754516f, -0.27778512f, 0.41573481f, -0.49039264f, 0.49039264f, -0.41573481f, 0.27778512f,
     -0.09754516f},
};

/* to = M x from x M', or with M transposed: the transform and its inverse. */
static void transform(float to[BLOCK][BLOCK], float from[BLOCK][BLOCK], bool inverse)
{
    float half[BLOCK][BLOCK];
    for (size_t i = 0; i < BLOCK; i++)
        for (size_t k = 0; k < BLOCK; k++) {
            half[i][k] = 0.0f;
            for (size_t j = 0; j < BLOCK; j++)
                half[i][k] += (inverse ? cosines[j][i] : cosines[i][j]) * from[j][k];
        }
    for (size_t i = 0; i < BLOCK; i++)
        for (size_t k = 0; k < BLOCK; k++) {
            to[i][k] = 0.0f;
            for (size_t j = 0; j < BLOCK; j++)
                to[i][k] += half[i][j] * (inverse ? cosines[j][k] : cosines[k][j]);
        }
}

/* libjpeg's scale of the table's numbers, in hundredths. */
static int scale_of(int quality)
{
    return quality < 50 ? 5000 / quality : 200 - 2 * quality;
}

static void round_block(float block[BLOCK][BLOCK], int scale)
{
    float frequencies[BLOCK][BLOCK];
    transform(frequencies, block, false);
    for (size_t i = 0; i < BLOCK; i++)
        for (size_t k = 0; k < BLOCK; k++) {
            const int rounded = (table[i][k] * scale + 50) / 100;
            float step = within((float)rounded, 1.0f, 255.0f);
            frequencies[i][k] = roundf(frequencies[i][k] / step) * step;
        }
    transform(block, frequencies, true);
}

/* Beyond the picture its last row and column go on. */
static size_t inside(size_t i)
{
    return i < SIDE ? i : SIDE - 1;
}

void scan_jpeg(float picture[DIGIT_PIXELS], int quality)
{
    const int scale = scale_of(quality);
    for (size_t b = 0; b < BLOCKS * BLOCKS; b++) {
        const size_t top = b / BLOCKS * BLOCK, left = b % BLOCKS * BLOCK;
        float block[BLOCK][BLOCK];
        for (size_t y = 0; y < BLOCK; y++)
            for (size_t x = 0; x < BLOCK; x++)
                block[y][x] = picture[inside(top + y) * SIDE + inside(left + x)] * 255.0f - 128.0f;
        round_block(block, scale);
        for (size_t y = 0; y < BLOCK && top + y < SIDE; y++)
            for (size_t x = 0; x < BLOCK && left + x < SIDE; x++)
                picture[(top + y) * SIDE + left + x] =
                    within((block[y][x] + 128.0f) / 255.0f, 0.0f, 1.0f);
    }
}

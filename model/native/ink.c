/*
 * Ink as bitmaps, a word for each row. Pure functions; any thread.
 */
#include "model/native/ink.h"

#include <string.h>

#include "model/digit.h"

enum { PICTURE_BYTES = DIGIT_PIXELS / 8 };

_Static_assert(DIGIT_SIDE % 4 == 0 && DIGIT_PIXELS % 8 == 0, "rows are cut from words of 8 bits");

/* A byte for each pixel, eight of which a multiplication gathers into the bits of one. */
void ink_of_picture(struct ink *out, const float *pixels)
{
    uint8_t flags[DIGIT_PIXELS], bits[PICTURE_BYTES + sizeof(uint64_t)] = {0};
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        flags[i] = pixels[i] != 0.0f;
    for (size_t i = 0; i < PICTURE_BYTES; i++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * i, sizeof eight);
        bits[i] = (uint8_t)(eight * 0x0102040810204080 >> 56);
    }
    for (size_t y = 0; y < DIGIT_SIDE; y++) {
        uint64_t word;
        memcpy(&word, bits + y * DIGIT_SIDE / 8, sizeof word);
        out->rows[y] = word >> y * DIGIT_SIDE % 8 & (((uint64_t)1 << DIGIT_SIDE) - 1);
    }
}

/* A bit for each window of size x size pixels in the y-th row of windows: the one that begins at
 * that pixel, the border counted. */
static uint64_t windows(const struct ink *in, const struct plane *plane, size_t y, size_t size)
{
    uint64_t any = 0, wide = 0;
    for (size_t i = 0; i < size; i++)
        if (y + i >= plane->border && y + i < plane->border + plane->height)
            any |= in->rows[y + i - plane->border];
    any <<= plane->border;
    for (size_t i = 0; i < size; i++)
        wide |= any >> i;
    return wide;
}

void ink_of_output(struct ink *out, const struct ink *in, const struct step *s)
{
    size_t size = s->kernel + (s->kind == STEP_POOL ? 0 : s->pool - 1);
    for (size_t y = 0; y < s->out.height; y++) {
        uint64_t at = windows(in, &s->in, y * s->pool, size);
        out->rows[y] = 0;
        for (size_t x = 0; x < s->out.width; x++)
            out->rows[y] |= (at >> x * s->pool & 1) << x;
    }
}

/* Tiles may begin anywhere: each begins at the first pixel with ink that none has covered yet. */
size_t ink_spots(struct spot *out, const struct ink *ink, const struct step *s)
{
    size_t count = 0;
    for (size_t y = 0; y < s->out.height; y++) {
        uint64_t row = ink->rows[y], tile = 1;
        const struct spot *spots = s->spots + y * s->out.width;
        if (row != 0 && s->kind == STEP_WINOGRAD) {
            tile = 3;
            if (y + 1 < s->out.height)
                row |= ink->rows[++y];
        }
        while (row != 0) {
            int x = __builtin_ctzll(row);
            out[count++] = spots[x];
            row &= ~(tile << x);
        }
    }
    return count;
}

void ink_fill(float *target, const struct ink *ink, const struct step *s)
{
    const struct plane *out = &s->out;
    for (size_t y = 0; y < out->height; y++) {
        size_t row = plane_origin(out) + y * plane_row(out);
        uint64_t blank = ~ink->rows[y] & (~(uint64_t)0 >> (64 - out->width));
        while (blank != 0) {
            uint64_t first = (uint64_t)__builtin_ctzll(blank);
            uint64_t after = ~(blank >> first);
            uint64_t run = after == 0 ? 64 : (uint64_t)__builtin_ctzll(after);
            size_t at = row + first * out->pitch;
            memcpy(target + at, s->blank + at, run * out->pitch * sizeof *target);
            blank &= run == 64 ? 0 : ~((((uint64_t)1 << run) - 1) << first);
        }
    }
}

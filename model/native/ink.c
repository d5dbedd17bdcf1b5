/*
 * Ink as bitmaps, a word for each row. Pure functions; any thread.
 */
#include "model/native/ink.h"

#include "model/digit.h"

void ink_of_picture(struct ink *out, const float *pixels)
{
    for (size_t y = 0; y < DIGIT_SIDE; y++) {
        uint32_t row = 0;
        for (uint32_t x = 0; x < DIGIT_SIDE; x++)
            row |= (uint32_t)(pixels[y * DIGIT_SIDE + x] != 0.0f) << x;
        out->rows[y] = row;
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

size_t ink_spots(struct spot *out, const struct ink *in, const struct step *s)
{
    bool tiles = s->kind == STEP_WINOGRAD;
    size_t stride = tiles ? WINOGRAD_SIDE - 2 : s->pool, count = 0;
    size_t size = tiles ? WINOGRAD_SIDE : s->kernel + (s->kind == STEP_POOL ? 0 : s->pool - 1);
    const struct spot *spot = s->spots;
    for (size_t y = 0; y < s->spot_height; y++) {
        uint64_t at = windows(in, &s->in, y * stride, size);
        for (size_t x = 0; x < s->spot_width; x++) {
            out[count] = *spot++;
            count += at >> x * stride & 1;
        }
    }
    return count;
}

/*
 * Pixels from the wire. Any thread; no state.
 *
 * Numbers go from the JSON text straight to where the engine reads them: 64 pictures are 50,000
 * numbers, of which a tree would be some megabytes.
 */
#include "server/openinference/pixels.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/digit.h"

enum { ROOM_MIN = DIGIT_PIXELS };

static const struct pixels_shape shapes[] = {
    /* Of one image each; N is put before. */
    {3, {1, DIGIT_SIDE, DIGIT_SIDE}},
    {3, {DIGIT_SIDE, DIGIT_SIDE, 1}},
    {2, {DIGIT_SIDE, DIGIT_SIDE}},
    {1, {DIGIT_PIXELS}},
};

bool pixels_count(size_t *count, const struct pixels_shape *shape, size_t count_max,
                  struct error *err)
{
    bool known = false;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        known = known || (shape->rank == shapes[i].rank + 1 &&
                          memcmp(shape->sizes + 1, shapes[i].sizes,
                                 shapes[i].rank * sizeof shapes[i].sizes[0]) == 0);
    if (!known || shape->sizes[0] == 0)
        return error_set(err, ERROR_WRONG_SHAPE,
                         "the pixels have another shape than [N,1,28,28], [N,28,28,1], [N,28,28] "
                         "or [N,784]");
    *count = shape->sizes[0];
    return *count <= count_max ||
           error_set(err, ERROR_TOO_MANY_IMAGES,
                     "there are %zu pictures; send at most %zu at a time", *count, count_max);
}

/* ---- JSON ---- */

struct numbers {
    struct pull *pull;
    enum pixels_type type;
    const char *what;
    float *values; /* owned */
    size_t count;
    size_t room;
    size_t max;
    struct pixels_shape *shape; /* its rank is 0 until the first number is there */
};

static bool refuse(struct numbers *n, const char *why)
{
    return error_set(n->pull->err, ERROR_WRONG_SHAPE, "%s: %s", n->what, why);
}

static bool grow(struct numbers *n)
{
    if (n->count == n->max)
        return error_set(n->pull->err, ERROR_TOO_MANY_IMAGES, "%s has more than %zu numbers",
                         n->what, n->max);
    const size_t twice = n->room < ROOM_MIN ? ROOM_MIN : 2 * n->room;
    n->room = twice < n->max ? twice : n->max;
    float *values = realloc(n->values, n->room * sizeof *values);
    if (values == NULL)
        return error_set(n->pull->err, ERROR_OUT_OF_MEMORY, "no memory for %zu numbers", n->room);
    n->values = values;
    return true;
}

static bool check_range(struct numbers *n, double value)
{
    if (n->type == PIXELS_FP32 && !(value >= 0 && value <= 1))
        return error_set(n->pull->err, ERROR_WRONG_SHAPE,
                         "%s: number %zu is %.9g; a pixel is from 0 (black) to 1 (white)", n->what,
                         n->count + 1, value);
    if (n->type == PIXELS_UINT8 && !(value >= 0 && value <= UINT8_MAX && value == (int)value))
        return error_set(n->pull->err, ERROR_WRONG_SHAPE,
                         "%s: number %zu is %.9g; a UINT8 is a whole number from 0 to 255", n->what,
                         n->count + 1, value);
    return true;
}

static bool read_number(struct numbers *n)
{
    double value;
    if (!pull_number(n->pull, &value, n->what) || !check_range(n, value) ||
        (n->count == n->room && !grow(n)))
        return false;
    n->values[n->count++] = n->type == PIXELS_FP32 ? (float)value : (float)value / UINT8_MAX;
    return true;
}

static bool read_list(struct numbers *n, size_t level);

static bool read_item(struct numbers *n, size_t level)
{
    struct pixels_shape *shape = n->shape;
    const bool is_list = pull_peek(n->pull) == PULL_ARRAY;
    if (!is_list && shape->rank == 0)
        shape->rank = level + 1;
    if (is_list ? level + 1 == (shape->rank ? shape->rank : PIXELS_RANK_MAX)
                : level + 1 != shape->rank)
        return refuse(n, "its lists are not nested as those of a tensor");
    return is_list ? read_list(n, level + 1) : read_number(n);
}

/* Nested as deep as PIXELS_RANK_MAX at most. */
static bool read_list(struct numbers *n, size_t level)
{
    size_t count = 0;
    if (!pull_array(n->pull, n->what))
        return false;
    for (; pull_element(n->pull); count++)
        if (!read_item(n, level))
            return false;
    if (!pull_good(n->pull))
        return false;
    if (count == 0)
        return refuse(n, "a list is empty");
    if (n->shape->sizes[level] != 0 && n->shape->sizes[level] != count)
        return refuse(n, "lists beside one another differ in length");
    n->shape->sizes[level] = count;
    return true;
}

bool pixels_pull(float **out, struct pixels_shape *shape, struct pull *p, enum pixels_type type,
                 size_t max, const char *what)
{
    struct numbers n = {.pull = p, .type = type, .what = what, .max = max, .shape = shape};
    *shape = (struct pixels_shape){0};
    *out = NULL;
    if (!read_list(&n, 0)) {
        free(n.values);
        return false;
    }
    *out = n.values;
    return true;
}

/* ---- bytes ---- */

static bool read_fp32(float *out, const char *bytes, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, bytes + i * sizeof bits, sizeof bits);
        bits = le32toh(bits);
        memcpy(&out[i], &bits, sizeof bits);
        if (!(out[i] >= 0 && out[i] <= 1))
            return error_set(
                err, ERROR_WRONG_SHAPE,
                "number %zu of the binary data is %.9g; a pixel is from 0 (black) to 1 "
                "(white)",
                i + 1, (double)out[i]);
    }
    return true;
}

bool pixels_from_bytes(float **out, const char *bytes, size_t len, enum pixels_type type,
                       size_t count, struct error *err)
{
    const size_t size = type == PIXELS_FP32 ? sizeof(float) : 1;
    if (len != count * size)
        return error_set(err, ERROR_WRONG_SHAPE,
                         "the binary data has %zu bytes; a tensor of that shape has %zu", len,
                         count * size);
    float *pixels = malloc(count * sizeof *pixels);
    if (pixels == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for %zu numbers", count);
    if (type == PIXELS_FP32 && !read_fp32(pixels, bytes, count, err)) {
        free(pixels);
        return false;
    }
    for (size_t i = 0; type == PIXELS_UINT8 && i < count; i++)
        pixels[i] = (float)(uint8_t)bytes[i] / UINT8_MAX;
    *out = pixels;
    return true;
}

/*
 * Inflating (RFC 1950, by libdeflate) and unfiltering (ISO/IEC 15948, clause 9) the plain PNGs. Any
 * thread; each keeps a decompressor of its own, with the tables that it made for the last file.
 *
 * Why there is this beside stb_image: of a drawing's way through the server its decoder took a
 * tenth, most of it to build Huffman tables.
 */
#include "model/image/png_plain.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))

static pthread_once_t made_key = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void free_decompressor(void *d)
{
    libdeflate_free_decompressor(d);
}

static void make_key(void)
{
    has_key = pthread_key_create(&key, free_decompressor) == 0;
}

/* This thread's; NULL where there is no memory. */
static struct libdeflate_decompressor *decompressor(void)
{
    (void)pthread_once(&made_key, make_key);
    struct libdeflate_decompressor *d = has_key ? pthread_getspecific(key) : NULL;
    if (d != NULL || !has_key)
        return d;
    d = libdeflate_alloc_decompressor();
    if (d == NULL || pthread_setspecific(key, d) == 0)
        return d;
    libdeflate_free_decompressor(d);
    return NULL;
}

/* The data, which may lie in several chunks, as one piece. Lends `owned` when that is not NULL. */
static const uint8_t *gather(uint8_t **owned, const struct image_facts *f)
{
    *owned = NULL;
    if (f->data_chunks == 1)
        return f->data;
    uint8_t *to = *owned = malloc(f->data_len);
    const uint8_t *chunk = f->data;
    for (size_t done = 0; to != NULL && done < f->data_len;) {
        size_t len = image_big32(chunk - 8);
        memcpy(to + done, chunk, len);
        done += len;
        chunk += len + 12; /* its CRC, and the length and type of the next */
    }
    return to;
}

/* Of the left, the upper and the upper left neighbour, the one nearest to left + up - corner. */
static ALWAYS_INLINE uint8_t paeth(int left, int up, int corner)
{
    int to_left = abs(up - corner), to_up = abs(left - corner);
    int to_corner = abs(left + up - 2 * corner);
    int nearest = to_up <= to_corner ? up : corner;
    return (uint8_t)(to_left <= to_up && to_left <= to_corner ? left : nearest);
}

static ALWAYS_INLINE uint8_t predict(uint8_t filter, int left, int up, int corner)
{
    switch (filter) {
    case 1:
        return (uint8_t)left;
    case 2:
        return (uint8_t)up;
    case 3:
        return (uint8_t)((left + up) / 2);
    default:
        return paeth(left, up, corner);
    }
}

static ALWAYS_INLINE void add_predicted(uint8_t *out, const uint8_t *in, const uint8_t *above,
                                        size_t len, size_t step, uint8_t filter)
{
    for (size_t i = 0; i < step; i++)
        out[i] = (uint8_t)(in[i] + predict(filter, 0, above[i], 0));
    for (size_t i = step; i < len; i++)
        out[i] = (uint8_t)(in[i] + predict(filter, out[i - step], above[i], above[i - step]));
}

/* A row; false when its filter is none of the five. A constant `filter` and `step` make a loop of
 * its own for each. */
static ALWAYS_INLINE bool unfilter_row(uint8_t *out, const uint8_t *in, const uint8_t *above,
                                       size_t len, size_t step)
{
    switch (*in++) {
    case 0:
        memcpy(out, in, len);
        return true;
    case 1:
        add_predicted(out, in, above, len, step, 1);
        return true;
    case 2:
        add_predicted(out, in, above, len, step, 2);
        return true;
    case 3:
        add_predicted(out, in, above, len, step, 3);
        return true;
    case 4:
        add_predicted(out, in, above, len, step, 4);
        return true;
    default:
        return false;
    }
}

static ALWAYS_INLINE bool unfilter(uint8_t *pixels, const uint8_t *rows, const uint8_t *none,
                                   size_t height, size_t len, size_t step)
{
    const uint8_t *above = none; /* the first row's neighbour is black */
    for (size_t y = 0; y < height; y++) {
        if (!unfilter_row(pixels, rows, above, len, step))
            return false;
        above = pixels;
        pixels += len;
        rows += len + 1;
    }
    return true;
}

static bool unfilter_channels(uint8_t *pixels, const uint8_t *rows, const uint8_t *none,
                              const struct image_facts *f)
{
    size_t len = f->width * f->channels;
    switch (f->channels) {
    case 1:
        return unfilter(pixels, rows, none, f->height, len, 1);
    case 2:
        return unfilter(pixels, rows, none, f->height, len, 2);
    case 3:
        return unfilter(pixels, rows, none, f->height, len, 3);
    default:
        return unfilter(pixels, rows, none, f->height, len, 4);
    }
}

bool image_png_decode(struct image_raw *out, const struct image_facts *f)
{
    size_t row = f->width * f->channels, inflated = f->height * (row + 1);
    struct libdeflate_decompressor *d = decompressor();
    uint8_t *owned, *room = malloc(row + inflated), *pixels = malloc(f->height * row);
    const uint8_t *data = gather(&owned, f);
    bool good = false;
    if (d != NULL && data != NULL && room != NULL && pixels != NULL) {
        memset(room, 0, row);
        good = libdeflate_zlib_decompress(d, data, f->data_len, room + row, inflated, NULL) ==
                   LIBDEFLATE_SUCCESS &&
               unfilter_channels(pixels, room + row, room, f);
    }
    free(owned);
    free(room);
    if (good)
        *out = (struct image_raw){f->width, f->height, f->channels, pixels};
    else
        free(pixels);
    return good;
}

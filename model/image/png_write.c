/*
 * Small grey PNGs (ISO/IEC 15948), their rows in one stored block (RFC 1951): to compress a digit
 * would take longer than to send it. Any thread.
 */
#include <assert.h>
#include <libdeflate.h>
#include <string.h>

#include "model/image.h"

enum {
    HEADER_LEN = 13,
    STORED_OVERHEAD = 11, /* zlib's header and checksum, and the block's header */
    STORED_MAX = 65535,
};

static uint8_t *put_big32(uint8_t *to, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *to++ = (uint8_t)(value >> shift);
    return to;
}

/* Puts what comes before the data. */
static uint8_t *begin_chunk(uint8_t *to, const char *type, size_t len)
{
    to = put_big32(to, (uint32_t)len);
    memcpy(to, type, 4);
    return to + 4;
}

/* Puts what comes behind the data, which end at `to`. */
static uint8_t *end_chunk(uint8_t *to, size_t len)
{
    return put_big32(to, libdeflate_crc32(0, to - len - 4, len + 4));
}

static uint8_t *put_rows(uint8_t *to, const uint8_t *pixels, size_t width, size_t height)
{
    const size_t len = height * (width + 1);
    const uint8_t head[] = {
        0x78, 0x01, 1, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)~len, (uint8_t)(~len >> 8)};
    memcpy(to, head, sizeof head);
    uint8_t *rows = to + sizeof head;
    for (size_t y = 0; y < height; y++) {
        uint8_t *row = rows + y * (width + 1);
        row[0] = 0; /* no filter */
        memcpy(row + 1, pixels + y * width, width);
    }
    return put_big32(rows + len, libdeflate_adler32(1, rows, len));
}

void image_png_write(uint8_t *out, const uint8_t *pixels, size_t width, size_t height)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t grey[] = {8, 0, 0, 0, 0}; /* bits, and the plain choice of all else */
    const size_t len = height * (width + 1) + STORED_OVERHEAD;
    assert(len - STORED_OVERHEAD <= STORED_MAX);
    memcpy(out, signature, sizeof signature);
    uint8_t *to = begin_chunk(out + sizeof signature, "IHDR", HEADER_LEN);
    to = put_big32(put_big32(to, (uint32_t)width), (uint32_t)height);
    memcpy(to, grey, sizeof grey);
    to = end_chunk(to + sizeof grey, HEADER_LEN);
    to = end_chunk(put_rows(begin_chunk(to, "IDAT", len), pixels, width, height), len);
    to = end_chunk(begin_chunk(to, "IEND", 0), 0);
    assert(to == out + IMAGE_PNG_LEN(width, height));
}

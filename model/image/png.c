/*
 * A look at a PNG file (ISO/IEC 15948): its chunks are walked from the signature to IEND, each
 * against its CRC, and IHDR is read. The decoder checks no CRC and would take a flipped bit for
 * a pixel. Pure functions over bytes; any thread. Inflates nothing.
 */
#include <libdeflate.h>
#include <string.h>

#include "model/image/format.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

enum {
    CHUNK_OVERHEAD = 12, /* length, type, CRC */
    HEADER_LEN = 13,
    TYPE_IHDR = 0x49484452,
    TYPE_PLTE = 0x504c5445,
    TYPE_IDAT = 0x49444154,
    TYPE_IEND = 0x49454e44,
    TYPE_TRNS = 0x74524e53,
    TYPE_IS_ANCILLARY = 0x20000000,
    /* What a file's data may exceed its pixels by; writers that pad it exist. */
    SLACK = 1 << 20,
};

struct chunk {
    uint32_t type;
    const uint8_t *data;
    size_t len;
};

/* The colour types' channels, and their bit depths as a mask of 1 << depth. */
static const struct {
    uint8_t channels;
    uint32_t depths;
} colours[] = {
    [0] = {1, 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8 | 1 << 16}, /* grey */
    [2] = {3, 1 << 8 | 1 << 16},                            /* RGB */
    [3] = {1, 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8},           /* palette */
    [4] = {2, 1 << 8 | 1 << 16},                            /* grey and alpha */
    [6] = {4, 1 << 8 | 1 << 16},                            /* RGB and alpha */
};

static bool read_chunk(struct chunk *out, size_t *at, const uint8_t *bytes, size_t len,
                       struct error *err)
{
    size_t left = len - *at;
    const uint8_t *b = bytes + *at;
    if (left < CHUNK_OVERHEAD)
        return error_set(err, ERROR_TRUNCATED_IMAGE,
                         "the PNG ends after %zu bytes, before its last chunk; send all of it",
                         len);
    for (size_t i = 4; i < 8; i++)
        if (!((b[i] >= 'A' && b[i] <= 'Z') || (b[i] >= 'a' && b[i] <= 'z')))
            return error_set(err, ERROR_NOT_AN_IMAGE,
                             "the PNG is damaged: there is no chunk at byte %zu", *at);
    *out = (struct chunk){image_big32(b + 4), b + 8, image_big32(b)};
    if (out->len > left - CHUNK_OVERHEAD)
        return error_set(err, ERROR_TRUNCATED_IMAGE,
                         "the PNG ends after %zu bytes, within its chunk %.4s; send all of it", len,
                         (const char *)(b + 4));
    if (libdeflate_crc32(0, b + 4, out->len + 4) != image_big32(b + 8 + out->len))
        return error_set(err, ERROR_NOT_AN_IMAGE,
                         "the PNG is damaged: chunk %.4s at byte %zu has a wrong checksum",
                         (const char *)(b + 4), *at);
    *at += CHUNK_OVERHEAD + out->len;
    return true;
}

static bool read_header(struct image_facts *out, const struct chunk *c, struct error *err)
{
    if (c->type != TYPE_IHDR || c->len != HEADER_LEN)
        return error_set(err, ERROR_NOT_AN_IMAGE,
                         "the PNG is damaged: it does not start with a header chunk");
    size_t depth = c->data[8], colour = c->data[9];
    out->width = image_big32(c->data);
    out->height = image_big32(c->data + 4);
    if (!image_check_sides(out, err))
        return false;
    if (colour >= sizeof colours / sizeof *colours || depth > 16 ||
        (colours[colour].depths & 1u << depth) == 0)
        return error_set(err, ERROR_NOT_AN_IMAGE,
                         "the PNG declares colour type %zu with %zu bits, which PNG does not have",
                         colour, depth);
    /* The decoder holds the inflated rows, each with a byte for its filter, and the pixels, which
     * a palette or a transparent colour widens; then it takes 16 bits to 8. An interlaced picture
     * has more rows than it declares, and its pixels are moved once. */
    bool interlaced = c->data[12] != 0;
    size_t sample = depth == 16 ? 2 : 1, channels = colours[colour].channels;
    size_t inflated = channels * sample + 1, pixel = (channels + 1) * sample;
    out->pixel_len = (inflated + pixel) * (interlaced ? 2 : 1) + 4;
    out->overhead = SLACK;
    bool is_plain = depth == 8 && colour != 3 && c->data[10] == 0 && c->data[11] == 0;
    out->channels = is_plain && !interlaced ? channels : 0;
    /* Our own decoder holds the inflated rows and the pixels. */
    return image_check_memory(out, (double)(out->channels > 0 ? 2 * channels : out->pixel_len),
                              err);
}

static void note_data(struct image_facts *out, const struct chunk *c)
{
    bool follows = out->data_chunks > 0 && c->data == out->data_end + CHUNK_OVERHEAD;
    out->overhead += 2 * c->len;
    if (out->data_chunks == 0)
        out->data = c->data;
    else if (!follows)
        out->channels = 0;
    out->data_chunks++;
    out->data_len += c->len;
    out->data_end = c->data + c->len;
}

bool image_png_look(struct image_facts *out, const uint8_t *bytes, size_t len, struct error *err)
{
    struct chunk c;
    size_t at = sizeof signature;
    if (len < at)
        return error_set(err, ERROR_TRUNCATED_IMAGE, "the PNG ends after %zu bytes; send all of it",
                         len);
    if (memcmp(bytes, signature, sizeof signature) != 0)
        return error_set(err, ERROR_NOT_AN_IMAGE,
                         "the PNG's signature is damaged; was it sent as text?");
    if (!read_chunk(&c, &at, bytes, len, err) || !read_header(out, &c, err))
        return false;
    do {
        if (!read_chunk(&c, &at, bytes, len, err))
            return false;
        if ((c.type & TYPE_IS_ANCILLARY) == 0 && c.type != TYPE_PLTE && c.type != TYPE_IDAT &&
            c.type != TYPE_IEND)
            return error_set(err, ERROR_NOT_AN_IMAGE,
                             "the PNG has a chunk %.4s that it may not have there",
                             (const char *)(c.data - 4));
        if (c.type == TYPE_IDAT)
            note_data(out, &c);
        if (c.type == TYPE_TRNS)
            out->channels = 0;
    } while (c.type != TYPE_IEND);
    return true;
}

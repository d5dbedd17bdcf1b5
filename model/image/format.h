/*
 * What image.c asks of a file before any decoder sees it: is it whole, and how large is what it
 * declares? One function a format, each in a file of its own. Only image*.c includes this.
 */
#ifndef DIGIT_IMAGE_FORMAT_H
#define DIGIT_IMAGE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

/* What a file declares of itself, and the memory that decoding it may take at most:
 * width x height x pixel_len + overhead. */
struct image_facts {
    size_t width;
    size_t height;
    size_t pixel_len;
    size_t overhead;
    unsigned orientation; /* of a JPEG, see orientation.h; 0 where it says nothing */
    /* Of a PNG that image_png_decode can read; else channels is 0. */
    size_t channels;
    const uint8_t *data; /* lent: of the first IDAT chunk, which the others follow without a gap */
    size_t data_chunks;
    size_t data_len;         /* of all of them */
    const uint8_t *data_end; /* of the last one's */
};

/* Fill *out from a file that starts with the format's magic bytes. They fail with
 * ERROR_TRUNCATED_IMAGE where the file ends too early, ERROR_NOT_AN_IMAGE where it is damaged, and
 * ERROR_UNSUPPORTED_IMAGE where it is of a kind that is not read. The sides have been checked. */
bool image_png_look(struct image_facts *out, const uint8_t *bytes, size_t len,
                    struct error *err) MUST_CHECK;
bool image_jpeg_look(struct image_facts *out, const uint8_t *bytes, size_t len,
                     struct error *err) MUST_CHECK;
bool image_bmp_look(struct image_facts *out, const uint8_t *bytes, size_t len,
                    struct error *err) MUST_CHECK;

/* Whether the declared sides are within IMAGE_SIDE_MAX and IMAGE_PIXELS_MAX, and not 0. */
bool image_check_sides(const struct image_facts *facts, struct error *err) MUST_CHECK;

/* Whether a picture of these sides can be decoded within IMAGE_MEMORY_MAX, at so many bytes a
 * pixel. */
bool image_check_memory(const struct image_facts *facts, double pixel_len,
                        struct error *err) MUST_CHECK;

static inline uint32_t image_big16(const uint8_t *b)
{
    return (uint32_t)b[0] << 8 | b[1];
}

static inline uint32_t image_big32(const uint8_t *b)
{
    return image_big16(b) << 16 | image_big16(b + 2);
}

static inline uint32_t image_little16(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8;
}

static inline uint32_t image_little32(const uint8_t *b)
{
    return image_little16(b) | image_little16(b + 2) << 16;
}

#endif

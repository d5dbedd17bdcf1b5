/*
 * Picture files -> 8-bit grey pictures. PNG (ISO/IEC 15948), JPEG (ITU-T T.81) and BMP only.
 */
#ifndef DIGIT_IMAGE_H
#define DIGIT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

enum {
    IMAGE_SIDE_MAX = 8192,
    IMAGE_PIXELS_MAX = 16 * 1024 * 1024,
    IMAGE_MEMORY_MAX = 64 * 1024 * 1024, /* bytes, to decode one */
};

/* Rows from the top, pixels from the left, no padding; 0 is black. */
struct picture {
    size_t width;
    size_t height;
    uint8_t *pixels; /* owned; image_free */
};

/* Fills *out from a file's bytes. Colours become grey by luminance (ITU-R BT.601); transparency is
 * laid over white, or over black where what is drawn is light; a JPEG is turned as its Exif data
 * say. Memory is bounded by the picture's declared size, which is checked first. On failure *out is
 * empty. Any thread. */
bool image_decode(struct picture *out, const uint8_t *bytes, size_t len,
                  struct error *err) MUST_CHECK;

/* The bytes of a PNG file of that size as image_png_write writes it. */
#define IMAGE_PNG_LEN(width, height) ((height) * ((width) + 1) + 68)

/* Fills `out` with IMAGE_PNG_LEN bytes: a PNG file of width x height grey pixels, not compressed.
 * It is for small pictures: the length is at most 64 KiB. Any thread. */
void image_png_write(uint8_t *out, const uint8_t *pixels, size_t width, size_t height);

/* Accepts an empty picture. */
void image_free(struct picture *picture);

#endif

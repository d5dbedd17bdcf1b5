/*
 * stb_image behind two doors: nothing else of the project sees it.
 */
#ifndef DIGIT_IMAGE_STB_H
#define DIGIT_IMAGE_STB_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

/* Pixels as the decoder gives them: 8 bits a channel; grey, grey and alpha, RGB, or RGBA. */
struct image_raw {
    size_t width;
    size_t height;
    size_t channels;
    uint8_t *pixels; /* malloc; the caller frees */
};

/* Decodes a PNG, JPEG or BMP of at most INT_MAX bytes. `channels` is how many to give, or 0 for
 * as many as the file has. `memory` bounds the sum of all that is allocated. `what` names the
 * format in messages. On failure there is nothing to free. Any thread. */
bool image_stb_decode(struct image_raw *out, const uint8_t *bytes, size_t len, size_t channels,
                      size_t memory, const char *what, struct error *err) MUST_CHECK;

#endif

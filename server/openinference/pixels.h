/*
 * Tensors of pixels: their shapes, and their numbers from JSON and from bytes.
 */
#ifndef DIGIT_PIXELS_H
#define DIGIT_PIXELS_H

#include <stddef.h>

#include "server/pull.h"

enum { PIXELS_RANK_MAX = 4 };

struct pixels_shape {
    size_t rank;
    size_t sizes[PIXELS_RANK_MAX];
};

/* FP32: 0..1, as it is. UINT8: 0..255, which is divided by 255. */
enum pixels_type { PIXELS_FP32, PIXELS_UINT8 };

/* Fills *count with the images in a tensor of that shape. Fails with ERROR_WRONG_SHAPE, saying
 * which shapes there are, or with ERROR_TOO_MANY_IMAGES. */
bool pixels_count(size_t *count, const struct pixels_shape *shape, size_t count_max,
                  struct error *err) MUST_CHECK;

/* Pull lists of numbers, nested as deep as they may be, into *out (malloc; the caller frees), at
 * most `max` of them, and fill *shape with the lists' lengths. `what` names the outermost list. On
 * failure *out is NULL. */
bool pixels_pull(float **out, struct pixels_shape *shape, struct pull *p, enum pixels_type type,
                 size_t max, const char *what) MUST_CHECK;

/* Fills *out (malloc; the caller frees) from the `count` pixels that `len` bytes must be, little
 * end first. */
bool pixels_from_bytes(float **out, const char *bytes, size_t len, enum pixels_type type,
                       size_t count, struct error *err) MUST_CHECK;

#endif

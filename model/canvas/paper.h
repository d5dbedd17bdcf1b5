/*
 * Uneven backgrounds: photographs of paper and of boards.
 */
#ifndef DIGIT_CANVAS_PAPER_H
#define DIGIT_CANVAS_PAPER_H

#include "model/image.h"

/* Fills *out (owned) with the picture as dark strokes on an even white, made `*scale` times smaller
 * where it is large. False without memory. Any thread. */
bool paper_flatten(struct picture *out, size_t *scale, const struct picture *in);

#endif

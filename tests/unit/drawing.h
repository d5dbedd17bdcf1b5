/*
 * Pictures that tests draw: strokes with smooth edges on a plain background.
 */
#ifndef DIGIT_TESTS_DRAWING_H
#define DIGIT_TESTS_DRAWING_H

#include "model/image.h"

/* A picture of one level; image_free. */
struct picture drawing_blank(size_t width, size_t height, uint8_t level);

/* Where and how a stroke is drawn: its points are scaled by `size` and moved. */
struct drawing_pen {
    double left, top, size;
    double thickness; /* in pixels */
    int ink;
};

/* Draws a stroke through `count` points, as "x,y" pairs of 0..1. */
void drawing_stroke(struct picture *p, const struct drawing_pen *pen, const double (*points)[2],
                    size_t count);

/* Draws a digit of 0 to 9, in one piece. */
void drawing_digit(struct picture *p, const struct drawing_pen *pen, int digit);

#endif

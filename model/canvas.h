/*
 * A picture of any size -> the 28x28 floats that MNIST's makers would have made of it
 * (LeCun, Cortes, Burges: the digit's longest side becomes 20 pixels with its aspect kept, and its
 * centre of mass goes to the centre of a 28x28 field).
 *
 * It knows one drawn digit on a plain background, dark on light or light on dark.
 */
#ifndef DIGIT_CANVAS_H
#define DIGIT_CANVAS_H

#include "model/digit.h"
#include "model/error.h"
#include "model/image.h"

enum canvas_mode {
    CANVAS_AUTO,  /* a 28x28 picture in MNIST's manner, inverted or not, keeps its pixels: all
                     70,000 of MNIST do; all else as CANVAS_MNIST */
    CANVAS_MNIST, /* always find the polarity and the ink, scale and centre */
    CANVAS_NONE,  /* 28x28 only, untouched, whatever is on it */
};

/* Fills `out` with 0..1, white strokes on black; a pixel that is kept becomes pixel / 255. Fails
 * with ERROR_NOTHING_DRAWN when there is no ink, and with ERROR_BAD_ARGUMENT when CANVAS_NONE gets
 * another size. Any thread; allocates nothing. */
bool canvas_normalise(float out[DIGIT_PIXELS], const struct picture *in, enum canvas_mode mode,
                      struct error *err) MUST_CHECK;

#endif

/*
 * A picture of any size -> the 28x28 floats that MNIST's makers would have made of it
 * (LeCun, Cortes, Burges: the digit's longest side becomes 20 pixels with its aspect kept, and its
 * centre of mass goes to the centre of a 28x28 field).
 */
#ifndef DIGIT_CANVAS_H
#define DIGIT_CANVAS_H

#include "model/digit.h"
#include "model/error.h"
#include "model/image.h"

enum canvas_mode {
    CANVAS_AUTO,  /* a 28x28 picture in MNIST's manner passes untouched; all else as CANVAS_MNIST */
    CANVAS_MNIST, /* always find the polarity and the ink, scale and centre */
    CANVAS_NONE,  /* 28x28 only, untouched */
};

/* Fills `out` with pixel / 255, white strokes on black. Fails with ERROR_NOTHING_DRAWN when there
 * is no ink. Any thread; allocates nothing. */
bool canvas_normalise(float out[DIGIT_PIXELS], const struct picture *in, enum canvas_mode mode,
                      struct error *err) MUST_CHECK;

#endif

/*
 * A picture of any size -> the 28x28 floats that MNIST's makers would have made of it
 * (LeCun, Cortes, Burges: the digit's longest side becomes 20 pixels with its aspect kept, and its
 * centre of mass goes to the centre of a 28x28 field).
 *
 * It knows digits drawn on a background, dark on light or light on dark, plain or photographed.
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

/* Where on the picture a digit is, in its pixels. */
struct canvas_box {
    size_t x, y, width, height;
};

struct canvas_digit {
    struct canvas_box box;
    float pixels[DIGIT_PIXELS];
};

/* The digits of a picture. */
struct canvas_digits {
    size_t count;
    struct canvas_digit *list; /* owned; canvas_digits_free */
};

/* Fills `out` with 0..1, white strokes on black; a pixel that is kept becomes pixel / 255. Fails
 * with ERROR_NOTHING_DRAWN when there is no ink, with ERROR_SEVERAL_DIGITS when there is more than
 * one digit, and with ERROR_BAD_ARGUMENT when CANVAS_NONE gets another size. Any thread. */
bool canvas_normalise(float out[DIGIT_PIXELS], const struct picture *in, enum canvas_mode mode,
                      struct error *err) MUST_CHECK;

/* Fills *out with each digit of the picture, in reading order: at least one, and at most 128,
 * those with the most ink. Where the picture is taken untouched, it is one, and its box is all of
 * it. Fails as canvas_normalise does, but for ERROR_SEVERAL_DIGITS. On failure *out is empty. Any
 * thread. */
bool canvas_segment(struct canvas_digits *out, const struct picture *in, enum canvas_mode mode,
                    struct error *err) MUST_CHECK;

/* Accepts an empty one. */
void canvas_digits_free(struct canvas_digits *digits);

#endif

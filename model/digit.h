/*
 * What a digit is: the one copy of these facts.
 *
 * The picture format is MNIST's (LeCun, Cortes, Burges: "The MNIST database of handwritten
 * digits"): 28x28 pixels, white strokes on black, rows from the top, pixels from the left.
 */
#ifndef DIGIT_DIGIT_H
#define DIGIT_DIGIT_H

enum {
    DIGIT_SIDE = 28,
    DIGIT_PIXELS = DIGIT_SIDE * DIGIT_SIDE,
    DIGIT_CLASSES = 10,
};

#endif

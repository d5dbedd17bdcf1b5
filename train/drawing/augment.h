/*
 * Pictures changed as another hand, pen or camera would have made them, so that a network learns
 * what does not matter: affine maps and elastic ones (Simard, Steinkraus and Platt, "Best Practices
 * for Convolutional Neural Networks Applied to Visual Document Analysis", 2003), thicker and
 * thinner strokes, strokes with gaps and blunt ends, blur and contrast of resampling, noise.
 */
#ifndef DIGIT_AUGMENT_H
#define DIGIT_AUGMENT_H

#include <stdint.h>

#include "model/digit.h"
#include "train/learning/order.h"

/* How far each change may go; a picture gets a random amount of each, up to that. Zeros change
 * nothing. Lengths are pixels of the 28x28 picture. */
struct augment {
    double rotation;  /* degrees, both ways */
    double scale;     /* 0.1: each axis from 0.9 to 1.1 */
    double shear;     /* pixels sideways for each pixel upwards */
    double shift;     /* both ways, on each axis */
    double elastic;   /* standard deviation of the displacement field */
    double thickness; /* of a stroke, gained or lost on each side; at most 0.6 is lost */
    double gaps;      /* chance of a gap or a cut-off end */
    double resample;  /* chance that it is drawn larger and sharper, and comes in as such a picture
                         comes into the server */
    double blur;      /* standard deviation */
    double contrast;  /* 0.3: a gamma from 1 / 1.3 to 1.3 */
    double noise;     /* standard deviation, of 0..1 */
    double jpeg;      /* chance of having been a JPEG file, of quality 30 to 90 */
};

/* Fills `out` (0..1) with a changed copy of `in` (0..255). Equal states of `random` make equal
 * copies on machines with the same mathematical library. Any thread. */
void augment_picture(float out[DIGIT_PIXELS], const uint8_t in[DIGIT_PIXELS],
                     const struct augment *how, struct order_random *random);

#endif

/*
 * A box of ink, scaled and centred on the 28x28 field.
 */
#ifndef DIGIT_CANVAS_FIELD_H
#define DIGIT_CANVAS_FIELD_H

#include "model/canvas/ink.h"
#include "model/digit.h"

/* One axis of a box. */
struct side {
    size_t start;
    size_t length;
    double centre; /* of mass, from `start` */
};

struct box {
    struct side x, y;
};

/* Where a digit's centre of mass goes, both ways. MNIST's lie within pixel 14 (of 0..27); this is
 * its middle. */
#define FIELD_MIDDLE 14.5

/* Fills in both sides' centres. Any thread. */
void field_weigh(struct box *box, const struct picture *in, struct ink ink);

/* Draws the picture on the field so that the box, which has been weighed, has its longest side 20
 * pixels long and its centre of mass in the middle. Any thread. */
void field_draw(float out[DIGIT_PIXELS], const struct picture *in, const struct ink *ink,
                const struct box *box);

#endif

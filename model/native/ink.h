/*
 * Ink: which pixels of a plane can differ from what a blank picture gives. Most of a digit's
 * picture is black, so most of what a network computes first is what it computes for a blank
 * picture.
 */
#ifndef DIGIT_NATIVE_INK_H
#define DIGIT_NATIVE_INK_H

#include "model/native/plan.h"

/* Fills *out from a picture: the pixels that are not black. */
void ink_of_picture(struct ink *out, const float *pixels);

/* Fills *out with the ink of a step's output, from that of its input. */
void ink_of_output(struct ink *out, const struct ink *in, const struct step *s);

/* Fills `out` with spots that cover the ink of a step's output; gives how many those are. */
size_t ink_spots(struct spot *out, const struct ink *ink, const struct step *s);

/* Copies the pixels of a step's output that have no ink from what a blank picture gives. */
void ink_fill(float *target, const struct ink *ink, const struct step *s);

#endif

/*
 * Pictures made up: digits in hands that MNIST's writers did not have, and what is no digit at all,
 * so that a network learns to be unsure of it (Hendrycks, Mazeika and Dietterich, "Deep Anomaly
 * Detection with Outlier Exposure", 2019).
 */
#ifndef DIGIT_SKETCH_H
#define DIGIT_SKETCH_H

#include <stdint.h>

#include "model/digit.h"
#include "train/dataset/mnist.h"
#include "train/learning/order.h"

/* Fills `out` (0..255, as the server's canvas would make it) and gives the digit: each skeleton as
 * often as any other. Any thread. */
uint8_t sketch_digit(uint8_t out[DIGIT_PIXELS], struct order_random *random);

/* Fills `out` with a letter, a sign, a scribble, a texture, two digits side by side, or a digit
 * that lies on its side. The digits are the set's. Any thread. */
void sketch_other(uint8_t out[DIGIT_PIXELS], const struct mnist *set, struct order_random *random);

#endif

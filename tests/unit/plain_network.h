/*
 * What a network gives, by plain loops in double precision: the reference that engines are tested
 * against. Depends on nothing but the library's tables, so that it runs wherever they compile.
 */
#ifndef DIGIT_TESTS_PLAIN_NETWORK_H
#define DIGIT_TESTS_PLAIN_NETWORK_H

#include <stdint.h>

#include "model/checkpoint.h"
#include "model/digit.h"
#include "model/network.h"

/* The next number of a generator (SplitMix64); and one from 0 to below `below`, or to below 1. */
uint64_t plain_random(uint64_t *state);
size_t plain_below(uint64_t *state, size_t below);
float plain_float(uint64_t *state);

/* Random weights that keep activations about as large as the input is. NULL on failure. */
struct checkpoint *plain_weights(const struct network *net, uint64_t *state);

/* Fills the probabilities of one image. False where there is no memory. */
bool plain_predict(float out[DIGIT_CLASSES], const struct network *net,
                   const struct checkpoint *weights, const float pixels[DIGIT_PIXELS]);

#endif

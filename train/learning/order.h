/*
 * The order in which a pass over the data sees the pictures.
 */
#ifndef DIGIT_ORDER_H
#define DIGIT_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* Random numbers by xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", 2021). */
struct order_random {
    uint64_t s[4];
};

/* Fills the state from a seed, by splitmix64 as its authors advise. */
void order_seed(struct order_random *r, uint64_t seed);

/* Fills the state for one thing of many: the random numbers of (seed, a, b) have nothing to do with
 * those of any other triple. */
void order_seed_for(struct order_random *r, uint64_t seed, uint64_t a, uint64_t b);

/* The next 64 random bits. */
uint64_t order_next(struct order_random *r);

/* Shuffles `indices` (Fisher and Yates), every order equally likely. */
void order_shuffle(struct order_random *r, uint32_t *indices, size_t count);

#endif

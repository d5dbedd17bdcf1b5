/*
 * Random amounts from random bits.
 */
#ifndef DIGIT_AMOUNT_H
#define DIGIT_AMOUNT_H

#include <stdint.h>

#include "train/learning/order.h"

/* -1 to 1, evenly. */
static inline double amount_even(struct order_random *random)
{
    return (double)(order_next(random) >> 11) * 0x1p-52 - 1.0;
}

/* 0 to 1, evenly; never 1. */
static inline double amount_chance(struct order_random *random)
{
    return (double)(order_next(random) >> 11) * 0x1p-53;
}

/* One of 0 .. count - 1, evenly but for count / 2^64. */
static inline size_t amount_index(struct order_random *random, size_t count)
{
    return (size_t)(order_next(random) % count);
}

/* Nearly normal, with deviation 1: the sum of four even numbers of 16 bits. */
static inline float amount_normal(struct order_random *random)
{
    uint64_t bits = order_next(random);
    float sum = 0.0f;
    for (int i = 0; i < 4; i++, bits >>= 16)
        sum += (float)(bits & 0xffff);
    return (sum - 2.0f * 65535.0f) * (1.7320508f / 65536.0f);
}

#endif

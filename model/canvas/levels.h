/*
 * Histograms of 8-bit levels.
 */
#ifndef DIGIT_CANVAS_LEVELS_H
#define DIGIT_CANVAS_LEVELS_H

#include <stddef.h>
#include <stdint.h>

enum { LEVELS = 256 };

/* The level of the pixel that `rank` others come before, in their order. */
static inline size_t level_at_rank(const uint32_t histogram[LEVELS], size_t rank)
{
    size_t level = 0;
    for (size_t seen = histogram[0]; seen <= rank && level < LEVELS - 1;)
        seen += histogram[++level];
    return level;
}

/* Large arrays of which a small picture uses little: clearing them would cost more than it does. */
#define NOT_CLEARED __attribute__((uninitialized))

#endif

/*
 * What on a picture is ink: which side of the background it is on, and how strong it is.
 */
#ifndef DIGIT_CANVAS_INK_H
#define DIGIT_CANVAS_INK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/image.h"

/* How a byte becomes an amount of ink: min(max((byte ^ flip) - base, 0), range). */
struct ink {
    uint8_t flip; /* 255 where strokes are darker than their background */
    uint8_t base; /* the background and its noise */
    uint8_t range;
    uint8_t edge;   /* a flipped byte above this lies within a stroke */
    bool by_border; /* the border, which is of one level, told the background */
    bool is_even;   /* the background is of one level, as it is not on a photograph */
};

/* Fills *out; false where nothing is drawn, but `is_even` is filled all the same. Any thread. */
bool ink_find(struct ink *out, const struct picture *in);

/* The same where the border is not to be believed: it may be a frame around the paper. */
bool ink_find_within(struct ink *out, const struct picture *in);

/* Takes what is faint for background: what is left of shadows, creases and lines. */
void ink_raise(struct ink *ink);

/* Between 0 and ink.range. */
static inline uint8_t ink_amount(uint8_t level, struct ink ink)
{
    level ^= ink.flip;
    uint8_t amount = (uint8_t)((level > ink.base ? level : ink.base) - ink.base);
    return amount < ink.range ? amount : ink.range;
}

#endif

/*
 * Skeletons of what people write, as a teacher would draw them on a blackboard: the ten digits,
 * each in several hands, and letters and signs that are no digits.
 *
 * A skeleton is a text of strokes, with '|' between them. A stroke is two or more points `xxyy`,
 * from 0000, left above, to 9999, right below. The pen goes smoothly through the points; at one
 * with '^' before it, it turns a corner.
 */
#ifndef DIGIT_GLYPHS_H
#define DIGIT_GLYPHS_H

#include <stddef.h>
#include <stdint.h>

struct glyph {
    uint8_t label; /* a digit's; of glyphs_others no meaning */
    const char *strokes;
};

extern const struct glyph glyphs_digits[];
extern const size_t glyphs_digits_count;

/* None that many a hand would write like a digit: no O, I, l, Z, S, B, G, b, q, g, y. */
extern const struct glyph glyphs_others[];
extern const size_t glyphs_others_count;

#endif

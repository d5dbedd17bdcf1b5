/*
 * Which parts of the ink make up a digit together.
 */
#ifndef DIGIT_CANVAS_DIGITS_H
#define DIGIT_CANVAS_DIGITS_H

#include "model/canvas/parts.h"

enum {
    DIGITS_MAX = 128,
    DIGITS_NONE = UINT16_MAX, /* a speck's, a stray mark's or a frame's */
};

/* Edges in pixels; the right and the bottom one are the first that are not of it. */
struct group {
    int left, right, top, bottom;
};

struct digits {
    size_t count;
    bool is_all;                       /* no part was left out */
    struct group list[DIGITS_MAX];     /* in reading order */
    uint16_t digit_of[PARTS_RUNS_MAX]; /* by the part: an index into `list`, or DIGITS_NONE */
};

/* Fills *out from the parts of a picture of that size: at least one digit. On a photograph, what
 * runs over the border is none as long as there is something else. Any thread; allocates nothing.
 */
void digits_find(struct digits *out, const struct parts *parts, size_t width, size_t height,
                 bool is_photograph);

#endif

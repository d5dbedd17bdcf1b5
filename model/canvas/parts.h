/*
 * The connected parts of the ink on a picture.
 */
#ifndef DIGIT_CANVAS_PARTS_H
#define DIGIT_CANVAS_PARTS_H

#include "model/canvas/ink.h"

enum { PARTS_RUNS_MAX = 4096 };

/* Pixels of ink beside each other in a band of rows. */
struct run {
    uint16_t left, right; /* the right one is the first that is not of it */
    uint16_t band;
    uint16_t part;
};

/* Edges in pixels; the right and the bottom one are the first that are not of it. The upper and the
 * lower are a band's. */
struct part {
    uint16_t left, right, top, bottom;
    uint32_t area; /* in pixels, counted by bands */
};

struct parts {
    size_t count;
    size_t run_count;
    size_t band;                     /* rows of the picture that were taken together */
    size_t area;                     /* of all */
    double stroke;                   /* how wide strokes are on the average, in pixels */
    struct run runs[PARTS_RUNS_MAX]; /* from the top, and from the left within a band */
    struct part list[PARTS_RUNS_MAX];
};

/* Fills *out. False where there is no ink, or it is in more runs than can be parts of a drawing.
 * Any thread; allocates nothing. */
bool parts_find(struct parts *out, const struct picture *in, const struct ink *ink);

#endif

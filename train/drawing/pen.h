/*
 * A pen that follows a skeleton with an unsteady hand.
 */
#ifndef DIGIT_PEN_H
#define DIGIT_PEN_H

#include <stdint.h>

#include "train/learning/order.h"

enum {
    PEN_SIDE = 64,        /* pixels of its paper, which is square */
    PEN_POINTS_MAX = 320, /* of a skeleton, after its curves have been divided */
};

/* What a skeleton has become: points on the paper, in pixels. */
struct pen_path {
    struct pen_point {
        float x, y;
        float radius;    /* of the pen, there */
        uint8_t is_down; /* there is ink between the point before and this one */
    } points[PEN_POINTS_MAX];
    unsigned count;
};

/* Fills *out from a skeleton as train/drawing/glyphs.h describes it, each point moved a little, all
 * of it slanted, turned, widened or narrowed. Asserts that the skeleton is sound. */
void pen_follow(struct pen_path *out, const char *strokes, struct order_random *random);

/* A line of `turns` turns that leads nowhere. */
void pen_scribble(struct pen_path *out, unsigned turns, struct order_random *random);

/* Fills the paper: white ink on black, smooth edges. */
void pen_ink(uint8_t paper[PEN_SIDE * PEN_SIDE], const struct pen_path *path);

#endif

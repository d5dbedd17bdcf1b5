/*
 * A network compiled for the native engine: a list of steps, each with the layout of what goes in
 * and what comes out and with weights packed for its kernel.
 *
 * Only files of this folder include this header.
 */
#ifndef DIGIT_NATIVE_PLAN_H
#define DIGIT_NATIVE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "model/checkpoint.h"
#include "model/error.h"
#include "model/network.h"

enum {
    PLAN_PANEL = 16,    /* output channels that a kernel computes together */
    PLAN_GROUP = 2,     /* panels whose sums a kernel may hold at once */
    PLAN_CHUNK = 32,    /* images that go through the linear layers together */
    PLAN_K_BLOCK = 256, /* inputs of a linear layer between two visits to its sums */
    PLAN_TILES = 12,    /* Winograd tiles that are transformed together */
    PLAN_ALIGN = 64,    /* bytes: a cache line */
    PLAN_STEPS_MAX = NETWORK_LAYERS_MAX,
    PLAN_INK_SIDE = 64, /* pixels, border included, of the largest plane whose ink is tracked */
    WINOGRAD_SIDE = 6,  /* of F(4x4, 3x3): a tile has 6x6 inputs */
    WINOGRAD_POINTS = WINOGRAD_SIDE * WINOGRAD_SIDE,
};

/*
 * How one image's activations lie in memory: channels last. Element (c, y, x) is at
 *     plane_origin + y * plane_row + x * pitch + c.
 * Around the picture lies a border as wide as the padding of the convolution that reads it, and on
 * the right and below, `margin` more pixels; all of these stay zero. The channels from `channels`
 * to `pitch` meet zero weights.
 */
struct plane {
    size_t channels;
    size_t height;
    size_t width;
    size_t pitch;
    size_t border;
    size_t margin;
};

/* Floats from one row of a plane to the next, in all of it, and before its element (0, 0, 0). */
static inline size_t plane_row(const struct plane *p)
{
    return (p->width + 2 * p->border + p->margin) * p->pitch;
}

static inline size_t plane_len(const struct plane *p)
{
    return (p->height + 2 * p->border + p->margin) * plane_row(p);
}

static inline size_t plane_origin(const struct plane *p)
{
    return p->border * (plane_row(p) + p->pitch);
}

/* What a kernel computes in one go: the pixels of the output that follow from one window of the
 * input. Offsets are in floats from the beginning of the planes. */
struct spot {
    uint32_t source; /* the window's corner */
    uint32_t target;
    uint32_t height; /* Winograd: pooled pixels of the tile that lie in the output, 1 or 2 */
    uint32_t width;
};

/* A bit for each pixel of a plane: whether it may differ from what a blank picture gives. */
struct ink {
    uint64_t rows[PLAN_INK_SIDE];
};

enum step_kind {
    STEP_CONV,      /* direct convolution */
    STEP_CONV_POOL, /* direct convolution, 2x2 max-pool */
    STEP_WINOGRAD,  /* 3x3 convolution by F(4x4, 3x3), 2x2 max-pool */
    STEP_POOL,      /* max-pool; of size 1, it is ReLU alone */
    STEP_LINEAR,
    STEP_RELU, /* of rows that no linear step has made */
    STEP_KINDS
};

struct step {
    enum step_kind kind;
    struct plane in;
    struct plane out;
    size_t kernel;
    size_t pool;        /* of a step on planes: 2 where it pools 2x2, the kernel of a pool, or 1 */
    size_t k_block;     /* linear: inputs in a block of the packed weights */
    float floor;        /* outputs below this become this: 0 for ReLU, -infinity for none */
    float *weights;     /* packed */
    float *bias;        /* one for each output channel, zero up to a whole panel */
    struct spot *spots; /* of a step on planes: one that begins at each pixel of the output, */
    struct spot *cover; /* and some of them that together make all of it */
    size_t cover_count;
    /* What a blank picture gives. On planes: the output. Linear, of pixels whose ink is known: what
     * each pixel's block adds to the sums. NULL where nothing asks for it. */
    float *blank;
    size_t source; /* where in the arena its input lies, in floats; */
    size_t target; /* and its output */
};

struct plan {
    struct step steps[PLAN_STEPS_MAX];
    size_t count;
    size_t flat; /* the steps before this one work on one image, the others on a chunk of them */
    bool inked;  /* ink is tracked in the steps on planes, */
    bool inked_rows;   /* and the first step on rows makes use of it */
    size_t spots_max;  /* of any step */
    size_t flat_len;   /* floats in each row that the first step on rows reads */
    size_t result_at;  /* in the arena: the rows that the last step writes */
    size_t result_len; /* floats in such a row */
    size_t scratch_at; /* in the arena: what a kernel may write while it runs */
    size_t arena_len;  /* floats */
};

/* Compiles a network whose shapes are inferred, with weights that were checked against it. What a
 * blank picture gives is left to fill. */
bool plan_build(struct plan *out, const struct network *net, const struct checkpoint *weights,
                struct error *err) MUST_CHECK;

/* Accepts a plan that plan_build could not finish. */
void plan_free(struct plan *p);

/* Fills step->weights and step->bias from a layer's tensors, in the order in which the step's
 * kernel reads them. */
bool pack_step(struct step *s, const struct layer *l, const struct checkpoint *weights,
               struct error *err) MUST_CHECK;

/* Fills step->blank of a linear step, from the plane that a blank picture gives it. */
void pack_blank(struct step *s, const float *plane);

/* `len` floats, aligned to PLAN_ALIGN and zero; NULL when there is no memory. free() frees them. */
float *plan_floats(size_t len);

static inline size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* n items cut into as few parts as possible of at most `most`, whose sizes differ by one at most,
 * so that no part is left with a few items: part i has size + (i < larger) of them. */
struct parts {
    size_t count;
    size_t size;
    size_t larger;
};

static inline struct parts parts_of(size_t n, size_t most)
{
    size_t count = (n + most - 1) / most;
    if (count == 0)
        return (struct parts){0};
    return (struct parts){count, n / count, n % count};
}

#endif

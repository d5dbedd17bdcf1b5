/*
 * From a network's layers to the plan's steps: what is fused with what, which algorithm a
 * convolution gets, and where everything lies in the arena. Runs once, when an engine is opened.
 */
#include "model/native/plan.h"

#include <math.h>
#include <stdlib.h>

#include "model/digit.h"

/* A plan that is being built. */
struct builder {
    struct plan *plan;
    const struct network *net;
    const struct checkpoint *weights;
    size_t next;     /* layer */
    struct plane at; /* what the steps so far give */
    bool flat;
};

/* The next layer that computes something, or NULL. */
static const struct layer *peek(struct builder *b)
{
    while (b->next < b->net->count && b->net->layers[b->next].kind == LAYER_DROPOUT)
        b->next++;
    return b->next < b->net->count ? &b->net->layers[b->next] : NULL;
}

/* Takes the next layer when it is of that kind (and, for a pool, of that size). */
static bool take(struct builder *b, enum layer_kind kind, size_t kernel)
{
    const struct layer *l = peek(b);
    if (l == NULL || l->kind != kind || (kernel != 0 && l->kernel != kernel))
        return false;
    b->next++;
    return true;
}

/* Takes ReLU and, for a convolution, the 2x2 max-pool that come next: they commute. */
static void fuse(struct builder *b, struct step *s, bool pools)
{
    bool relu = take(b, LAYER_RELU, 0);
    if (pools && take(b, LAYER_MAXPOOL2D, 2)) {
        s->kind = STEP_CONV_POOL;
        s->out.height /= 2;
        s->out.width /= 2;
        relu |= take(b, LAYER_RELU, 0);
    }
    s->floor = relu ? 0.0f : -INFINITY;
}

/* A convolution whose window is its whole input is a linear layer. */
static bool is_linear(const struct builder *b, const struct layer *l)
{
    return l->kind == LAYER_LINEAR || (l->kind == LAYER_CONV2D && l->padding == 0 &&
                                       l->kernel == b->at.height && l->kernel == b->at.width);
}

/* From here on images are rows of a matrix. */
static void go_flat(struct builder *b)
{
    if (b->flat)
        return;
    b->flat = true;
    b->plan->flat = b->plan->count;
}

static bool add_linear(struct builder *b, struct step *s, const struct layer *l, struct error *err)
{
    go_flat(b);
    s->kind = STEP_LINEAR;
    s->out = (struct plane){l->out, 1, 1, round_up(l->out, PLAN_PANEL), 0};
    struct parts blocks = parts_of(plane_len(&s->in), PLAN_K_BLOCK);
    s->k_block = blocks.size + (blocks.larger != 0);
    fuse(b, s, false);
    return pack_step(s, l, b->weights, err);
}

static bool add_conv(struct builder *b, struct step *s, const struct layer *l, struct error *err)
{
    s->kind = STEP_CONV;
    s->kernel = l->kernel;
    s->in.border = l->padding;
    s->out =
        (struct plane){l->out, l->output.height, l->output.width, round_up(l->out, PLAN_PANEL), 0};
    fuse(b, s, l->output.height > 1 && l->output.width > 1);
    /* Winograd's transforms work on vectors of input channels; the picture has one. */
    if (s->kind == STEP_CONV_POOL && l->kernel == 3 && s->in.pitch % PLAN_PANEL == 0)
        s->kind = STEP_WINOGRAD;
    return pack_step(s, l, b->weights, err);
}

static bool add_step(struct builder *b, const struct layer *l, struct error *err)
{
    struct step *s = &b->plan->steps[b->plan->count];
    *s = (struct step){.in = b->at, .out = b->at, .kernel = l->kernel, .floor = -INFINITY};
    b->next++;
    if (l->kind == LAYER_FLATTEN) {
        go_flat(b);
        return true;
    }
    if (b->flat && l->kind == LAYER_MAXPOOL2D) /* of a flat vector: 1x1, nothing to do */
        return true;
    b->plan->count++;
    if (is_linear(b, l)) {
        if (!add_linear(b, s, l, err))
            return false;
    } else if (l->kind == LAYER_CONV2D && !b->flat) {
        if (!add_conv(b, s, l, err))
            return false;
    } else if (l->kind == LAYER_MAXPOOL2D) {
        s->kind = STEP_POOL;
        s->out.height = l->output.height;
        s->out.width = l->output.width;
    } else if (l->kind == LAYER_RELU) {
        s->kind = STEP_RELU;
        s->floor = 0.0f;
    } else {
        b->plan->count--;
        return error_set(err, ERROR_BAD_MODEL,
                         "the native engine cannot run network '%s': there is a %s layer at place "
                         "%zu; use the torch engine",
                         b->net->name, layer_kind_name(l->kind), b->next);
    }
    b->at = s->out;
    return true;
}

static bool is_softmax(const struct layer *l)
{
    return l->kind == LAYER_SOFTMAX || l->kind == LAYER_LOG_SOFTMAX;
}

static bool add_steps(struct builder *b, struct error *err)
{
    for (const struct layer *l = peek(b); l != NULL; l = peek(b)) {
        /* The engine ends in softmax anyway, and softmax of log-softmax is softmax. */
        if (is_softmax(l)) {
            b->next++;
            if (peek(b) == NULL)
                break;
            b->next--;
        }
        if (!add_step(b, l, err))
            return false;
    }
    go_flat(b);
    return true;
}

/* Each output gets the border that its reader needs. */
static void link_steps(struct plan *p)
{
    for (size_t i = 0; i + 1 < p->count; i++) {
        p->steps[i].out.border = p->steps[i + 1].in.border;
        if (i < p->flat && i + 1 < p->flat)
            p->steps[i + 1].in = p->steps[i].out;
    }
}

static size_t scratch_len(const struct step *s)
{
    return s->kind == STEP_WINOGRAD ? WINOGRAD_POINTS * PLAN_TILES * (s->in.pitch + PLAN_PANEL) : 0;
}

static size_t reserve(struct plan *p, size_t len)
{
    size_t at = p->arena_len;
    p->arena_len += round_up(len, PLAN_PANEL);
    return at;
}

/* Every activation has a place of its own, so that borders are zero once and for all. */
static void place_steps(struct plan *p)
{
    const struct plane *first = &p->steps[0].in;
    size_t scratch = 0;
    size_t at = reserve(p, p->flat > 0 ? plane_len(first) : 0);
    for (size_t i = 0; i < p->count; i++) {
        struct step *s = &p->steps[i];
        bool rows = i + 1 >= p->flat;
        s->source = at;
        s->target = at = reserve(p, plane_len(&s->out) * (rows ? PLAN_CHUNK : 1));
        if (scratch_len(s) > scratch)
            scratch = scratch_len(s);
        if (i + 1 == p->flat)
            p->flat_at = at;
        p->result_at = at;
        p->result_len = plane_len(&s->out);
    }
    p->flat_len = p->flat > 0 ? plane_len(&p->steps[p->flat - 1].out) : DIGIT_PIXELS;
    p->scratch_at = reserve(p, scratch);
}

bool plan_build(struct plan *out, const struct network *net, const struct checkpoint *weights,
                struct error *err)
{
    *out = (struct plan){0};
    struct builder b = {
        .plan = out,
        .net = net,
        .weights = weights,
        .at = {1, DIGIT_SIDE, DIGIT_SIDE, 1, 0},
    };
    if (!add_steps(&b, err))
        return false;
    if (out->count == 0)
        return error_set(err, ERROR_BAD_MODEL, "network '%s' has no layers", net->name);
    link_steps(out);
    place_steps(out);
    return true;
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->steps[i].weights);
        free(p->steps[i].bias);
    }
    *p = (struct plan){0};
}

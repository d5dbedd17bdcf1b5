/*
 * From a network's layers to the plan's steps: what is fused with what, which algorithm a
 * convolution gets, and where everything lies in the arena. Runs once, when an engine is opened.
 */
#include "model/native/plan.h"

#include <math.h>
#include <stdlib.h>

#include "model/digit.h"

enum { ARENA_MAX = 1 << 26 }; /* floats: 256 MiB for each thread */

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
        s->pool = 2;
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
    s->out = (struct plane){l->out, 1, 1, round_up(l->out, PLAN_PANEL), 0, 0};
    struct parts blocks = parts_of(plane_len(&s->in), PLAN_K_BLOCK);
    bool first = b->plan->flat > 0 && b->plan->flat == b->plan->count;
    s->k_block = first ? s->in.pitch : blocks.size + (blocks.larger != 0);
    b->plan->inked_rows |= first;
    b->plan->count++;
    fuse(b, s, false);
    return pack_step(s, l, b->weights, err);
}

static bool add_conv(struct builder *b, struct step *s, const struct layer *l, struct error *err)
{
    b->plan->count++;
    s->kind = STEP_CONV;
    s->kernel = l->kernel;
    s->in.border = l->padding;
    s->out = (struct plane){
        l->out, l->output.height, l->output.width, round_up(l->out, PLAN_PANEL), 0, 0};
    fuse(b, s, l->output.height > 1 && l->output.width > 1);
    /* Winograd's transforms work on vectors of input channels; the picture has one. */
    if (s->kind == STEP_CONV_POOL && l->kernel == 3 && s->in.pitch % PLAN_PANEL == 0)
        s->kind = STEP_WINOGRAD;
    return pack_step(s, l, b->weights, err);
}

/* ReLU on planes is a pool of single pixels. */
static bool add_pool(struct builder *b, struct step *s, const struct layer *l)
{
    b->plan->count++;
    bool relu = l->kind == LAYER_RELU;
    s->kind = b->flat ? STEP_RELU : STEP_POOL;
    s->kernel = s->pool = relu ? 1 : l->kernel;
    s->floor = relu ? 0.0f : -INFINITY;
    if (!b->flat) {
        s->out.height = l->output.height;
        s->out.width = l->output.width;
    }
    return true;
}

static bool refuse(const struct builder *b, const struct layer *l, struct error *err)
{
    return error_set(err, ERROR_BAD_MODEL,
                     "the native engine cannot run network '%s': there is a %s layer at place %zu; "
                     "use the torch engine",
                     b->net->name, layer_kind_name(l->kind), b->next);
}

static bool add_step(struct builder *b, const struct layer *l, struct error *err)
{
    struct step *s = &b->plan->steps[b->plan->count];
    *s = (struct step){.in = b->at, .out = b->at, .pool = 1, .floor = -INFINITY};
    b->next++;
    if (l->kind == LAYER_FLATTEN) {
        go_flat(b);
        return true;
    }
    if (b->flat && l->kind == LAYER_MAXPOOL2D) /* of a flat vector: 1x1, nothing to do */
        return true;
    bool good;
    if (is_linear(b, l))
        good = add_linear(b, s, l, err);
    else if (l->kind == LAYER_CONV2D && !b->flat)
        good = add_conv(b, s, l, err);
    else if (l->kind == LAYER_MAXPOOL2D || l->kind == LAYER_RELU)
        good = add_pool(b, s, l);
    else
        good = refuse(b, l, err);
    b->at = s->out;
    return good;
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

/* Windows of the last tiles reach beyond the picture. */
static size_t margin_for(const struct step *s)
{
    if (s->kind != STEP_WINOGRAD)
        return 0;
    size_t most = s->out.height > s->out.width ? s->out.height : s->out.width;
    size_t least = s->in.height < s->in.width ? s->in.height : s->in.width;
    size_t need = (most - 1) * s->pool + WINOGRAD_SIDE, have = least + 2 * s->in.border;
    return need > have ? need - have : 0;
}

/* Each output gets the border that its reader needs. */
static void link_steps(struct plan *p)
{
    for (size_t i = 0; i < p->flat; i++) {
        p->steps[i].in.margin = margin_for(&p->steps[i]);
        if (i > 0)
            p->steps[i - 1].out = p->steps[i].in;
    }
}

static struct spot spot_at(const struct step *s, size_t y, size_t x, size_t tile)
{
    size_t height = s->out.height - y, width = s->out.width - x;
    size_t source = (y * plane_row(&s->in) + x * s->in.pitch) * s->pool;
    size_t target = plane_origin(&s->out) + y * plane_row(&s->out) + x * s->out.pitch;
    return (struct spot){
        .source = (uint32_t)source,
        .target = (uint32_t)target,
        .height = height < tile ? (uint32_t)height : (uint32_t)tile,
        .width = width < tile ? (uint32_t)width : (uint32_t)tile,
    };
}

static bool make_spots(struct plan *p, struct step *s, struct error *err)
{
    size_t tile = s->kind == STEP_WINOGRAD ? 2 : 1, count = s->out.height * s->out.width;
    s->spots = calloc(count, sizeof *s->spots);
    s->cover = calloc(count, sizeof *s->cover);
    if (s->spots == NULL || s->cover == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the plan");
    for (size_t i = 0; i < count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): then there would be no i */
        size_t y = i / s->out.width, x = i % s->out.width;
        s->spots[i] = spot_at(s, y, x, tile);
        if (y % tile == 0 && x % tile == 0)
            s->cover[s->cover_count++] = s->spots[i];
    }
    if (count > p->spots_max)
        p->spots_max = count;
    return true;
}

static bool fits_ink(const struct plane *p)
{
    return p->height + 2 * p->border + p->margin <= PLAN_INK_SIDE &&
           p->width + 2 * p->border + p->margin <= PLAN_INK_SIDE;
}

/* Decides where ink is tracked, and makes room for what a blank picture gives there. */
static bool make_ink(struct plan *p, struct error *err)
{
    p->inked = true;
    for (size_t i = 0; i < p->flat; i++)
        p->inked &= fits_ink(&p->steps[i].in) && fits_ink(&p->steps[i].out);
    p->inked_rows &= p->inked;
    for (size_t i = 0; p->inked && i < p->flat + p->inked_rows; i++) {
        struct step *s = &p->steps[i];
        bool rows = i == p->flat;
        s->blank =
            plan_floats(rows ? s->in.height * s->in.width * s->out.pitch : plane_len(&s->out));
        if (s->blank == NULL)
            return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the plan");
    }
    return true;
}

static size_t scratch_len(const struct step *s)
{
    return s->kind == STEP_WINOGRAD
               ? WINOGRAD_POINTS * PLAN_TILES * (s->in.pitch + PLAN_GROUP * PLAN_PANEL)
               : 0;
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
        .at = {1, DIGIT_SIDE, DIGIT_SIDE, 1, 0, 0},
    };
    if (!add_steps(&b, err))
        return false;
    if (out->count == 0)
        return error_set(err, ERROR_BAD_MODEL, "network '%s' has no layers", net->name);
    link_steps(out);
    place_steps(out);
    if (out->arena_len > ARENA_MAX)
        return error_set(err, ERROR_BAD_MODEL,
                         "the native engine cannot run network '%s': its layers are too large; "
                         "use the torch engine",
                         net->name);
    for (size_t i = 0; i < out->flat; i++)
        if (!make_spots(out, &out->steps[i], err))
            return false;
    return make_ink(out, err);
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->steps[i].weights);
        free(p->steps[i].bias);
        free(p->steps[i].spots);
        free(p->steps[i].cover);
        free(p->steps[i].blank);
    }
    *p = (struct plan){0};
}

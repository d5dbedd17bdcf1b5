/*
 * Weights in the order in which the kernels read them. Runs once, when an engine is opened.
 *
 * Every layout is made of panels: PLAN_PANEL output channels side by side, the last panel filled
 * up with zeros. Innermost is always [input][PLAN_PANEL], which is what the inner loop walks:
 *     direct      [panel][y][x][input channel][PLAN_PANEL]
 *     Winograd    [panel][point][input channel][PLAN_PANEL]
 *     linear      [block of inputs][panel][input][PLAN_PANEL]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "model/native/plan.h"
#include "model/native/points.h"

enum { HUGE_PAGE = 2 * 1024 * 1024 };

/* Large arrays ask for huge pages: a batch of one reads all weights once, page after page. */
float *plan_floats(size_t len)
{
    size_t unit = len * sizeof(float) >= HUGE_PAGE / 2 ? HUGE_PAGE : PLAN_ALIGN;
    size_t bytes = round_up((len ? len : 1) * sizeof(float), unit);
    float *out = aligned_alloc(unit, bytes);
    if (out == NULL)
        return NULL;
    if (unit == HUGE_PAGE)
        (void)madvise(out, bytes, MADV_HUGEPAGE); /* a wish: it may be refused */
    memset(out, 0, len * sizeof *out);
    return out;
}

static void pack_direct(struct step *s, const float *weights)
{
    size_t channels = s->in.channels, window = s->kernel * s->kernel;
    for (size_t o = 0; o < s->out.channels; o++) {
        float *panel = s->weights + o / PLAN_PANEL * window * channels * PLAN_PANEL;
        for (size_t c = 0; c < channels; c++)
            for (size_t k = 0; k < window; k++)
                panel[(k * channels + c) * PLAN_PANEL + o % PLAN_PANEL] =
                    weights[(o * channels + c) * window + k];
    }
}

/* G: a kernel's value at each point, divided by what the input's polynomial is worth there. */
static void kernel_matrix(double out[WINOGRAD_SIDE][3])
{
    static const double at[WINOGRAD_SIDE - 1] = {0, POINT_A, -POINT_A, POINT_B, -POINT_B};
    for (size_t i = 0; i < WINOGRAD_SIDE - 1; i++) {
        double worth = 1;
        for (size_t j = 0; j < WINOGRAD_SIDE - 1; j++)
            worth *= i == j ? 1 : at[i] - at[j];
        for (size_t k = 0; k < 3; k++)
            out[i][k] = (k == 0 ? 1 : k == 1 ? at[i] : at[i] * at[i]) / worth;
    }
    for (size_t k = 0; k < 3; k++) /* at infinity, only the highest power counts */
        out[WINOGRAD_SIDE - 1][k] = k == 2;
}

/* G g G^T, in double so that it adds no error of its own. */
static void transform_kernel(double out[WINOGRAD_POINTS], double matrix[WINOGRAD_SIDE][3],
                             const float g[9])
{
    for (size_t i = 0; i < WINOGRAD_POINTS; i++) {
        const double *row = matrix[i / WINOGRAD_SIDE], *column = matrix[i % WINOGRAD_SIDE];
        out[i] = 0;
        for (size_t k = 0; k < 9; k++)
            out[i] += row[k / 3] * (double)g[k] * column[k % 3];
    }
}

static void pack_winograd(struct step *s, const float *weights)
{
    size_t channels = s->in.channels;
    double matrix[WINOGRAD_SIDE][3];
    kernel_matrix(matrix);
    for (size_t o = 0; o < s->out.channels; o++) {
        float *panel = s->weights + o / PLAN_PANEL * WINOGRAD_POINTS * channels * PLAN_PANEL;
        for (size_t c = 0; c < channels; c++) {
            double points[WINOGRAD_POINTS];
            transform_kernel(points, matrix, weights + (o * channels + c) * 9);
            for (size_t p = 0; p < WINOGRAD_POINTS; p++)
                panel[(p * channels + c) * PLAN_PANEL + o % PLAN_PANEL] = (float)points[p];
        }
    }
}

/* Where weight (output o, k-th float of the input plane) goes. */
static float *linear_at(const struct step *s, size_t k, size_t o)
{
    size_t inputs = plane_len(&s->in), first = k / s->k_block * s->k_block;
    size_t run = inputs - first < s->k_block ? inputs - first : s->k_block;
    return s->weights + first * s->out.pitch + o / PLAN_PANEL * run * PLAN_PANEL +
           (k - first) * PLAN_PANEL + o % PLAN_PANEL;
}

/* PyTorch flattens channels x height x width; the plane at hand has its channels last. */
static void pack_linear(struct step *s, const float *weights)
{
    const struct plane *in = &s->in;
    size_t pixels = in->height * in->width;
    for (size_t o = 0; o < s->out.channels; o++)
        for (size_t c = 0; c < in->channels; c++)
            for (size_t p = 0; p < pixels; p++)
                *linear_at(s, p * in->pitch + c, o) = *weights++;
}

void pack_blank(struct step *s, const float *plane)
{
    for (size_t k = 0; k < plane_len(&s->in); k++)
        for (size_t o = 0; o < s->out.pitch; o++)
            s->blank[k / s->k_block * s->out.pitch + o] += plane[k] * *linear_at(s, k, o);
}

static const struct packing {
    size_t points; /* matrices of input channels x output channels; 0: as many as the window has */
    void (*pack)(struct step *s, const float *weights);
} packings[STEP_KINDS] = {
    [STEP_CONV] = {0, pack_direct},
    [STEP_CONV_POOL] = {0, pack_direct},
    [STEP_WINOGRAD] = {WINOGRAD_POINTS, pack_winograd},
    [STEP_LINEAR] = {1, pack_linear},
};

/* Lends a parameter of a layer, all of it finite. */
static const struct tensor *parameter(const struct checkpoint *weights, const struct layer *l,
                                      const char *what, struct error *err)
{
    char name[CHECKPOINT_NAME_SIZE];
    (void)snprintf(name, sizeof name, "%s.%s", l->name, what);
    const struct tensor *t = checkpoint_find(weights, name);
    if (t == NULL) {
        error_set(err, ERROR_BAD_MODEL, "there is no tensor '%s'", name);
        return NULL;
    }
    for (size_t i = 0; i < t->count; i++)
        if (!isfinite(t->data[i])) {
            error_set(err, ERROR_BAD_MODEL, "tensor '%s' holds a value that is not finite", name);
            return NULL;
        }
    return t;
}

bool pack_step(struct step *s, const struct layer *l, const struct checkpoint *weights,
               struct error *err)
{
    const struct packing *p = &packings[s->kind];
    size_t points = p->points != 0 ? p->points : s->kernel * s->kernel;
    size_t inputs = s->kind == STEP_LINEAR ? plane_len(&s->in) : s->in.channels;
    const struct tensor *weight = parameter(weights, l, "weight", err);
    const struct tensor *bias = parameter(weights, l, "bias", err);
    if (weight == NULL || bias == NULL)
        return false;
    s->weights = plan_floats(points * inputs * s->out.pitch);
    s->bias = plan_floats(s->out.pitch);
    if (s->weights == NULL || s->bias == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the weights of '%s'", l->name);
    p->pack(s, weight->data);
    memcpy(s->bias, bias->data, bias->count * sizeof *s->bias);
    return true;
}

/*
 * The table of one instruction set's kernels, and the kernels that are too small for a file of
 * their own. Built once for each instruction set.
 */
#include "model/native/kernels/steps.h"

const struct kernels KERNEL(kernels) = {
    .isa = KERNEL_ISA,
    .run =
        {
            [STEP_CONV] = KERNEL(conv),
            [STEP_CONV_POOL] = KERNEL(conv_pool),
            [STEP_WINOGRAD] = KERNEL(winograd),
            [STEP_POOL] = KERNEL(pool),
            [STEP_RELU] = KERNEL(relu),
            [STEP_LINEAR] = KERNEL(linear),
        },
};

static float window_max(const float *at, size_t kernel, size_t row, size_t pitch, float floor)
{
    float best = floor;
    for (size_t y = 0; y < kernel; y++)
        for (size_t x = 0; x < kernel; x++) {
            float value = at[y * row + x * pitch];
            best = value > best ? value : best;
        }
    return best;
}

/* Max-pool of any size. No network of ours gets here: theirs are fused with a convolution. */
void KERNEL(pool)(const struct step *s, const float *source, float *target, float *scratch,
                  size_t rows)
{
    (void)scratch, (void)rows;
    const struct plane *in = &s->in, *out = &s->out;
    source += plane_origin(in);
    target += plane_origin(out);
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++)
            for (size_t c = 0; c < out->channels; c++)
                target[y * plane_row(out) + x * out->pitch + c] = window_max(
                    source + y * s->kernel * plane_row(in) + x * s->kernel * in->pitch + c,
                    s->kernel, plane_row(in), in->pitch, s->floor);
}

void KERNEL(relu)(const struct step *s, const float *source, float *target, float *scratch,
                  size_t rows)
{
    (void)scratch;
    source += plane_origin(&s->in);
    target += plane_origin(&s->out);
    for (size_t i = 0; i < rows; i++)
        for (size_t y = 0; y < s->in.height; y++) {
            const float *from = source + i * plane_len(&s->in) + y * plane_row(&s->in);
            float *to = target + i * plane_len(&s->out) + y * plane_row(&s->out);
            for (size_t k = 0; k < s->in.width * s->in.pitch; k++)
                to[k] = from[k] > s->floor ? from[k] : s->floor;
        }
}

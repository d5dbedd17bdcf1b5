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
            [STEP_LINEAR] = KERNEL(linear),
            [STEP_RELU] = KERNEL(relu),
        },
};

static float window_max(const struct step *s, const float *at)
{
    float best = s->floor;
    for (size_t y = 0; y < s->kernel; y++)
        for (size_t x = 0; x < s->kernel; x++) {
            float value = at[y * plane_row(&s->in) + x * s->in.pitch];
            best = value > best ? value : best;
        }
    return best;
}

/* Max-pool of any size. No network of ours gets here: theirs are fused with a convolution. */
void KERNEL(pool)(const struct step *s, const struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        for (size_t c = 0; c < s->out.channels; c++)
            job->target[job->spots[i].target + c] =
                window_max(s, job->source + job->spots[i].source + c);
}

void KERNEL(relu)(const struct step *s, const struct job *job)
{
    for (size_t i = 0; i < job->count * plane_len(&s->in); i++)
        job->target[i] = job->source[i] > s->floor ? job->source[i] : s->floor;
}

/*
 * The loops of the native engine, built once for each instruction set from the sources in
 * kernels/.
 */
#ifndef DIGIT_NATIVE_KERNELS_H
#define DIGIT_NATIVE_KERNELS_H

#include "model/native/plan.h"

/* Runs a step. Of a step before plan.flat: on one image, `rows` is 1. Of the others: on `rows`
 * images, one behind the other. `scratch` is what the plan has set aside for it. */
typedef void step_run(const struct step *s, const float *source, float *target, float *scratch,
                      size_t rows);

struct kernels {
    const char *isa;
    step_run *run[STEP_KINDS];
};

extern const struct kernels kernels_avx2, kernels_sse2, kernels_neon;

/* Lends the index-th set of kernels that this processor runs, the fastest first; NULL past the
 * last one. */
const struct kernels *kernels_runnable(size_t index);

/* Lends the kernels for `isa`; for the fastest where it is NULL or "". Fails with a line that lists
 * what this processor runs. */
bool kernels_choose(const struct kernels **out, const char *isa, struct error *err) MUST_CHECK;

#endif

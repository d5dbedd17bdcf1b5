/*
 * The loops of the native engine, built once for each instruction set from the sources in
 * kernels/.
 */
#ifndef DIGIT_NATIVE_KERNELS_H
#define DIGIT_NATIVE_KERNELS_H

#include "model/native/plan.h"

/* What a step works on. */
struct job {
    const float *source;
    float *target;
    float *scratch;           /* what the plan has set aside */
    const struct spot *spots; /* on planes: what to compute */
    size_t count;             /* of spots; on rows: of rows, which lie one behind the other */
    const struct ink *ink;    /* on rows: what is known of the rows' planes, one each, or NULL */
};

typedef void step_run(const struct step *s, const struct job *job);

struct kernels {
    const char *isa;
    step_run *run[STEP_KINDS];
};

extern const struct kernels kernels_avx512, kernels_avx2, kernels_sse2, kernels_neon;

/* Lends the index-th set of kernels that this processor runs, the fastest first; NULL past the
 * last one. */
const struct kernels *kernels_runnable(size_t index);

/* Lends the kernels for `isa`; for the fastest where it is NULL or "". Fails with a line that lists
 * what this processor runs. */
bool kernels_choose(const struct kernels **out, const char *isa, struct error *err) MUST_CHECK;

#endif

/*
 * One network in training. The loop around it (order, batches, schedules, augmentation, progress,
 * stopping) is C and lives elsewhere; this is the narrow seam behind which libtorch computes.
 *
 * The implementation is the plug-in TRAINER_PLUGIN, which exports one `struct trainer_type` as
 * TRAINER_SYMBOL.
 */
#ifndef DIGIT_TRAINER_H
#define DIGIT_TRAINER_H

#include <stddef.h>
#include <stdint.h>

#include "model/checkpoint.h"
#include "model/error.h"
#include "model/network.h"

#define TRAINER_PLUGIN "digit_trainer_torch.so"
#define TRAINER_SYMBOL "digit_trainer_torch"

struct trainer_options {
    uint64_t seed;      /* of the initial weights and of dropout */
    size_t threads;     /* intra-op threads; 0: the library's own choice */
    const char *device; /* "cpu" or "cuda" */
};

/* Not thread-safe: one thread uses a trainer at a time. */
struct trainer_type {
    /* With PyTorch's default initial weights for each layer. */
    bool (*open)(void **state, const struct network *net, const struct trainer_options *options,
                 struct error *err);
    /* One Adam step (Kingma and Ba, 2015; beta 0.9, 0.999, eps 1e-8) on the cross entropy of
     * count x 784 pixels (0..1). Gives the mean loss before the step, and the right answers. */
    bool (*step)(void *state, const float *pixels, const uint8_t *labels, size_t count,
                 double learning_rate, double *loss, size_t *correct, struct error *err);
    /* count x 10 probabilities, dropout off. */
    bool (*predict)(void *state, const float *pixels, size_t count, float *probabilities,
                    struct error *err);
    /* A copy of the weights. */
    bool (*weights)(void *state, struct checkpoint **out, struct error *err);
    const char *(*describe)(const void *state); /* lends "libtorch 1.13.1" */
    size_t (*threads)(const void *state);       /* that it uses: never 0 */
    void (*close)(void *state);
};

#endif

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

/* A label beside the digits': the picture shows none of them, and the right answer is to give each
 * the same probability. */
enum { TRAINER_NO_DIGIT = 255 };

enum trainer_optimizer { TRAINER_ADAM, TRAINER_ADAMW, TRAINER_SGD };

struct trainer_options {
    uint64_t seed;      /* of the initial weights and of dropout */
    size_t threads;     /* intra-op threads; 0: the library's own choice */
    const char *device; /* "cpu", "cuda", or "auto": cuda where there is one */
    /* Adam (Kingma and Ba, 2015; beta 0.9, 0.999, eps 1e-8), AdamW (Loshchilov and Hutter, 2019),
     * or stochastic gradient descent; each as in torch.optim. */
    enum trainer_optimizer optimizer;
    double momentum; /* of sgd */
    bool nesterov;   /* sgd looks ahead along its momentum */
    double weight_decay;
    double label_smoothing; /* Szegedy et al., "Rethinking the Inception Architecture", 2016 */
    /* Above 0: a moving average of the weights is kept beside them, and is what `predict` and
     * `weights` give (Polyak and Juditsky, 1992). Step t keeps min(this, (1 + t) / (10 + t)) of it,
     * so that the first steps are forgotten soon. */
    double average;
};

/* Not thread-safe: one thread uses a trainer, from `open` to `close`. */
struct trainer_type {
    /* With PyTorch's default initial weights for each layer. */
    bool (*open)(void **state, const struct network *net, const struct trainer_options *options,
                 struct error *err);
    /* One step of the optimiser on the mean cross entropy of count x 784 pixels (0..1). Gives the
     * mean loss before the step, and the right answers; to what is no digit, one that gives no
     * digit more than a half. Memory is bounded whatever the count. */
    bool (*step)(void *state, const float *pixels, const uint8_t *labels, size_t count,
                 double learning_rate, double *loss, size_t *correct, struct error *err);
    /* count x 10 probabilities, dropout off. */
    bool (*predict)(void *state, const float *pixels, size_t count, float *probabilities,
                    struct error *err);
    /* A copy of the weights. */
    bool (*weights)(void *state, struct checkpoint **out, struct error *err);
    /* Takes these weights, of the same network, for its own and for their average. */
    bool (*load)(void *state, const struct checkpoint *weights, struct error *err);
    /* Adds all that the next steps depend on to a checkpoint, under names that begin with
     * "trainer."; and takes it up again, so that they are the same bit for bit. */
    bool (*save)(void *state, struct checkpoint *to, struct error *err);
    bool (*restore)(void *state, const struct checkpoint *from, struct error *err);
    const char *(*describe)(const void *state); /* lends "libtorch 1.13.1" */
    size_t (*threads)(const void *state);       /* that it uses: never 0 */
    void (*close)(void *state);
};

/* Lends the trainer that was installed. To be called before anything else loads libtorch: the
 * libraries below it learn here that they may use so many threads. */
bool trainer_find(const struct trainer_type **out, size_t threads, struct error *err) MUST_CHECK;

#endif

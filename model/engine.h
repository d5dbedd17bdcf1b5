/*
 * Weights in, probabilities out. The engines stand in one table in engine.c; nobody outside an
 * engine knows how it computes.
 */
#ifndef DIGIT_ENGINE_H
#define DIGIT_ENGINE_H

#include <stddef.h>

#include "model/checkpoint.h"
#include "model/digit.h"
#include "model/error.h"
#include "model/network.h"

struct engine;

struct engine_options {
    const char *device; /* torch: "cpu" or "cuda"; NULL for "cpu" */
    const char *isa;    /* native: "avx2"; NULL for $DIGIT_ISA, or else the best that runs */
};

/* What an engine is made of. `state` is its own. `predict` is called from many threads at once. */
struct engine_type {
    const char *name;
    bool (*open)(void **state, const struct network *net, const struct checkpoint *weights,
                 const struct engine_options *options, struct error *err);
    bool (*predict)(void *state, const float *pixels, size_t count, float *probabilities,
                    struct error *err);
    const char *(*describe)(const void *state); /* lends "libtorch 1.13.1, cpu, eager" */
    void (*close)(void *state);
};

/* Opens the engine called `name`, warmed up; "auto" is the native engine where it can run the
 * network on the device that is asked for, and torch otherwise. The network's shapes must have been
 * inferred and the weights checked against it; neither is kept. `options` may be NULL. */
bool engine_open(struct engine **out, const char *name, const struct network *net,
                 const struct checkpoint *weights, const struct engine_options *options,
                 struct error *err) MUST_CHECK;

/* Fills count x 10 probabilities from count x 784 pixels (0..1, white strokes on black). Each
 * image's probabilities are non-negative and sum to 1, whatever the network's last layer is. Any
 * number of threads at once. */
bool engine_predict(struct engine *e, const float *pixels, size_t count, float *probabilities,
                    struct error *err) MUST_CHECK;

/* Lends its name ("torch") and one line about it, until engine_close. */
const char *engine_name(const struct engine *e);
const char *engine_describe(const struct engine *e);

void engine_close(struct engine *e);

#endif

/*
 * A generation: one model, and the engine that is ready to run it.
 */
#ifndef DIGIT_GENERATION_H
#define DIGIT_GENERATION_H

#include "model/engine.h"
#include "model/error.h"
#include "model/model.h"

struct generation {
    struct model model;
    struct engine *engine;
};

struct generation_options {
    const char *engine; /* its name */
    struct engine_options engine_options;
    size_t batch_max; /* images computed at once */
};

/* Takes the model, on failure too, and leaves it empty. The engine has computed a lone image and a
 * full batch when this returns; a model whose answers are no numbers is refused. */
bool generation_open(struct generation **out, struct model *model,
                     const struct generation_options *options, struct error *err) MUST_CHECK;

/* Accepts NULL. */
void generation_close(struct generation *g);

#endif

/*
 * A model and its engine. One thread; does not know which command asks.
 */
#include "train/subject.h"

bool subject_open(struct subject *out, const struct subject_options *options, struct error *err)
{
    const struct engine_options engine_options = {.device = options->device};
    *out = (struct subject){0};
    if (!model_load(&out->model, options->model, err))
        return false;
    if (engine_open(&out->engine, options->engine, &out->model.network, out->model.weights,
                    &engine_options, err))
        return true;
    subject_close(out);
    return false;
}

static bool predict(void *state, const float *pixels, size_t count, float *probabilities,
                    struct error *err)
{
    struct subject *s = state;
    return engine_predict(s->engine, pixels, count, probabilities, err);
}

struct evaluation_source subject_source(struct subject *s)
{
    return (struct evaluation_source){predict, s};
}

void subject_close(struct subject *s)
{
    engine_close(s->engine);
    model_free(&s->model);
    *s = (struct subject){0};
}

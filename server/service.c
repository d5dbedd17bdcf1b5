/*
 * Opens and closes what is served. Runs in main, before the HTTP server starts and after it
 * stopped.
 */
#include "server/service.h"

#include <string.h>

#include "server/options.h"

static bool compute(void *context, const float *pixels, size_t count, float *probabilities,
                    struct error *err)
{
    return engine_predict(context, pixels, count, probabilities, err);
}

/* Measured with wrk at 1, 8, 64 and 512 connections: without workers the native engine answers a
 * fifth more requests at 64 and a third more at 1; torch, two fifths more with them at 64. */
static size_t workers_for(const struct engine *engine, size_t lanes)
{
    return strcmp(engine_name(engine), "native") == 0 ? 0 : lanes;
}

bool service_open(struct service *out, const struct service_options *options, struct error *err)
{
    const struct engine_options engine = {.device = options->device, .isa = options->isa};
    *out = (struct service){.images_max = options->images_max, .timeout_ns = options->timeout_ns};
    if (!model_load(&out->model, options->model, err) ||
        !engine_open(&out->engine, options->engine, &out->model.network, out->model.weights,
                     &engine, err))
        goto out_close;
    struct batcher_options batcher = options->batcher;
    if (batcher.workers == OPTIONS_WORKERS_AUTO)
        batcher.workers = workers_for(out->engine, batcher.lanes);
    batcher.image_len = DIGIT_PIXELS;
    batcher.classes = DIGIT_CLASSES;
    batcher.compute = compute;
    batcher.context = out->engine;
    if (!batcher_start(&out->batcher, &batcher, err) ||
        !documents_make(out->documents, &out->model, out->engine, err))
        goto out_close;
    return true;
out_close:
    service_close(out);
    return false;
}

void service_close(struct service *s)
{
    batcher_stop(s->batcher);
    documents_free(s->documents);
    engine_close(s->engine);
    model_free(&s->model);
    *s = (struct service){0};
}

/*
 * Opens and closes what is served. Runs in main, before the HTTP server starts and after it
 * stopped.
 */
#include "server/service.h"

#include <string.h>

#include "server/cors.h"
#include "server/options.h"

static const void *hold(void *service, size_t thread)
{
    return models_hold(((struct service *)service)->models, thread);
}

static void release(void *service, size_t thread)
{
    models_release(((struct service *)service)->models, thread);
}

static void observe(void *service, size_t thread, size_t images, int64_t compute_ns)
{
    metrics_count_batch(((struct service *)service)->metrics, thread, images, compute_ns);
}

static bool compute(const void *held, const float *pixels, size_t count, float *probabilities,
                    struct error *err)
{
    const struct served *served = held;
    if (served->generation == NULL)
        return error_set(err, served->reason.code, "%s", served->reason.text);
    return engine_predict(served->generation->engine, pixels, count, probabilities, err);
}

/* Measured with wrk at 1, 8, 64 and 512 connections: without workers the native engine answers a
 * fifth more requests at 64 and a third more at 1; torch, two fifths more with them at 64. While
 * there is no model, the engine is the one that most models get. */
static size_t workers_for(const struct generation *first, const struct generation_options *options,
                          size_t lanes)
{
    const char *name = first != NULL ? engine_name(first->engine) : options->engine;
    if (strcmp(name, "auto") == 0)
        name = strcmp(options->engine_options.device, "cpu") == 0 ? "native" : "torch";
    return strcmp(name, "native") == 0 ? 0 : lanes;
}

bool service_open(struct service *out, const struct service_options *options, struct error *err)
{
    struct batcher_options batcher = options->batcher;
    struct models_options models = options->models;
    *out = (struct service){
        .images_max = options->images_max,
        .cors_origins = options->cors_origins,
        .access_log = options->access_log,
        .server_timing = options->server_timing,
        .timeout_ns = options->timeout_ns,
        .may_unload = options->may_unload,
    };
    models.generation.batch_max = batcher.batch_max;
    models.seats =
        batcher.lanes + (batcher.workers == OPTIONS_WORKERS_AUTO ? batcher.lanes : batcher.workers);
    out->admin_seat = models.seats++;
    if (options->cors_origins != NULL && !cors_check(options->cors_origins, err))
        goto out_close;
    if (options->key_file != NULL && !keys_open(&out->keys, options->key_file, models.seats, err))
        goto out_close;
    if (!documents_make(out->documents, err) ||
        !metrics_open(&out->metrics, models.seats, options->routes, options->route_count, err) ||
        !models_open(&out->models, &models, err))
        goto out_close;
    if (batcher.workers == OPTIONS_WORKERS_AUTO)
        batcher.workers = workers_for(models_first(out->models), &models.generation, batcher.lanes);
    batcher.image_len = DIGIT_PIXELS;
    batcher.classes = DIGIT_CLASSES;
    batcher.hold = hold;
    batcher.release = release;
    batcher.compute = compute;
    batcher.observe = observe;
    batcher.context = out;
    if (!batcher_start(&out->batcher, &batcher, err))
        goto out_close;
    return true;
out_close:
    service_close(out);
    return false;
}

void service_close(struct service *s)
{
    batcher_stop(s->batcher);
    models_close(s->models);
    metrics_close(s->metrics);
    keys_close(s->keys);
    documents_free(s->documents);
    *s = (struct service){0};
}

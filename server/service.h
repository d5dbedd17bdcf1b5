/*
 * What the handlers share: the model that is served and all that follows from it.
 */
#ifndef DIGIT_SERVICE_H
#define DIGIT_SERVICE_H

#include <stdint.h>

#include "model/engine.h"
#include "model/error.h"
#include "model/model.h"
#include "server/batcher.h"
#include "server/documents.h"

struct service_options {
    const char *model; /* path */
    const char *engine;
    const char *isa;
    const char *device;
    size_t images_max;
    int64_t timeout_ns;
    struct batcher_options batcher; /* all but what the engine decides; OPTIONS_WORKERS_AUTO is none
                                     * with the native engine, as many as lanes with others */
};

struct service {
    struct model model;
    struct engine *engine;
    struct batcher *batcher;
    size_t images_max;  /* in one request */
    int64_t timeout_ns; /* that images may wait until they are computed */
    struct document documents[DOCUMENTS];
};

/* Loads the model, warms the engine up and readies the rest. On failure *out is empty. */
bool service_open(struct service *out, const struct service_options *options,
                  struct error *err) MUST_CHECK;

/* Accepts an empty service. */
void service_close(struct service *s);

#endif

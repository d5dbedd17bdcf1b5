/*
 * What the handlers share: the model that is served, what computes with it, and what stays the
 * same.
 */
#ifndef DIGIT_SERVICE_H
#define DIGIT_SERVICE_H

#include <stdint.h>

#include "model/error.h"
#include "server/batcher.h"
#include "server/documents.h"
#include "server/http.h"
#include "server/keys.h"
#include "server/metrics.h"
#include "server/models.h"

struct service_options {
    struct models_options models; /* all but what follows from the batcher's */
    size_t images_max;
    bool access_log;
    bool server_timing;
    int64_t timeout_ns;
    const char *key_file;     /* NULL: no key is asked for */
    const char *cors_origins; /* NULL: none */
    metrics_route_name *routes;
    size_t route_count;
    bool may_unload;                /* clients the model */
    struct batcher_options batcher; /* all but what the engine decides; OPTIONS_WORKERS_AUTO is none
                                     * with the native engine, as many as lanes with others */
};

struct service {
    struct models *models; /* the loop with index i holds seat i */
    struct batcher *batcher;
    size_t admin_seat;        /* of the loop that answers operators */
    struct keys *keys;        /* NULL: none is asked for; the loop with index i has seat i */
    const char *cors_origins; /* NULL: none; lent */
    struct metrics *metrics;  /* whoever holds seat i counts in lane i */
    struct http_server *_Atomic server; /* lent by main once it runs; NULL before */
    bool access_log;                    /* a line for each request */
    bool server_timing;                 /* tell clients how long the steps took */
    size_t images_max;                  /* in one request */
    int64_t timeout_ns;                 /* that images may wait until they are computed */
    bool may_unload;                    /* clients the model */
    struct document documents[DOCUMENTS];
};

/* Loads the model, unless a URL names it, and readies the rest. On failure *out is empty. */
bool service_open(struct service *out, const struct service_options *options,
                  struct error *err) MUST_CHECK;

/* Accepts an empty service. */
void service_close(struct service *s);

#endif

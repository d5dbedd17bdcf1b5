/*
 * What listens: the server for everyone and, where there is one, the operators' own.
 */
#ifndef DIGIT_FRONT_H
#define DIGIT_FRONT_H

#include "server/http.h"
#include "server/options.h"
#include "server/service.h"

struct front {
    struct http_server *main;
    struct http_server *admin; /* NULL: none */
};

/* Serves `s`, with `loops` threads, on sockets of its own or those that systemd passes. */
bool front_open(struct front *out, struct service *s, const struct options *o, size_t loops,
                struct error *err) MUST_CHECK;

/* Ends both, the operators' last. */
void front_close(struct front *f, unsigned drain_seconds);

#endif

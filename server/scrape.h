/*
 * GET /metrics: what Prometheus asks for every few seconds.
 */
#ifndef DIGIT_SCRAPE_H
#define DIGIT_SCRAPE_H

#include "server/http.h"

/* The context is a struct service. */
void scrape_handle(struct http_exchange *ex, void *context);

#endif

/*
 * Which path is whose.
 */
#ifndef DIGIT_ROUTES_H
#define DIGIT_ROUTES_H

#include "server/http.h"

/* The server's callbacks; the context is a struct service. */
http_handler *routes_admit(struct http_exchange *ex, void *context, struct error *err);
/* As routes_admit, for the port that is the operators' own: what they need, without a key. */
http_handler *routes_admit_operator(struct http_exchange *ex, void *context, struct error *err);

void routes_refuse(struct http_exchange *ex, void *context, const struct error *err);

/* What the counters call the routes: the path of each, and "other" for what is none. */
size_t routes_count(void);
const char *routes_name(size_t index);

#endif

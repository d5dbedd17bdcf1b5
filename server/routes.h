/*
 * Which path is whose.
 */
#ifndef DIGIT_ROUTES_H
#define DIGIT_ROUTES_H

#include "server/http.h"

/* The server's callbacks; the context is a struct service. */
http_handler *routes_admit(struct http_exchange *ex, void *context, struct error *err);
void routes_refuse(struct http_exchange *ex, void *context, const struct error *err);

#endif

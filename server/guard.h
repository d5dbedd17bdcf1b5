/*
 * The guard before the routes that want an API key.
 */
#ifndef DIGIT_GUARD_H
#define DIGIT_GUARD_H

#include "server/http.h"
#include "server/service.h"

/* Whether the request has a key that is known, as `Authorization: Bearer KEY` or `X-API-Key: KEY`;
 * true when the server asks for none. On failure the answer says how to ask (RFC 6750). */
bool guard_admits(struct http_exchange *ex, const struct service *s, struct error *err) MUST_CHECK;

#endif

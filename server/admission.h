/*
 * Whether a prediction is worth beginning: decided on the head alone, before the body is read, and
 * once more when it is there. Runs on the exchange's loop.
 */
#ifndef DIGIT_ADMISSION_H
#define DIGIT_ADMISSION_H

#include <stdint.h>

#include "server/http.h"
#include "server/service.h"

/* Reads how long the client will wait (`X-Request-Timeout-Ms`), which is how long the request may
 * wait for its turn, and refuses what would find the queue full. */
bool admission_admit(struct http_exchange *ex, const struct service *s,
                     struct error *err) MUST_CHECK;

/* Whether the client is still waiting. */
bool admission_is_in_time(struct http_exchange *ex, struct error *err) MUST_CHECK;

/* How long a job of this exchange may still wait. */
int64_t admission_timeout_ns(struct http_exchange *ex, const struct service *s);

#endif

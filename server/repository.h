/*
 * The model repository extension of the Open Inference Protocol: which models there are, and to
 * load and unload them. There is one.
 */
#ifndef DIGIT_REPOSITORY_H
#define DIGIT_REPOSITORY_H

#include "server/http.h"

/* Handle POST /v2/repository/index and /v2/repository/models/{model}/load and .../unload; the
 * context is a struct service. To load is to look for a newer model where this one came from. To
 * unload is to answer 503 from then on, until it is loaded; only where the options allow it. */
void repository_index(struct http_exchange *ex, void *context);
void repository_load(struct http_exchange *ex, void *context);
void repository_unload(struct http_exchange *ex, void *context);

#endif

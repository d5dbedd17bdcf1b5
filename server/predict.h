/*
 * The story of a prediction; the only room that knows all its steps:
 *
 *   body -> JSON -> base64 -> picture -> 28x28 floats -> batch -> probabilities -> JSON
 */
#ifndef DIGIT_PREDICT_H
#define DIGIT_PREDICT_H

#include "server/http.h"

/* Whether POST /predict takes the request's content type. */
bool predict_admit(const struct http_exchange *ex, struct error *err) MUST_CHECK;

/* Whether the protocols below take its coding. Clients of theirs send JSON, and binary data behind
 * it, under all kinds of content types and none. */
bool predict_admit_json(const struct http_exchange *ex, struct error *err) MUST_CHECK;

/* Handle POST /predict, and the same in the words of the Open Inference Protocol; the context is a
 * struct service. */
void predict_handle(struct http_exchange *ex, void *context);
void predict_handle_v1(struct http_exchange *ex, void *context);
void predict_handle_v2(struct http_exchange *ex, void *context);

#endif

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

/* Handles POST /predict; the context is a struct service. */
void predict_handle(struct http_exchange *ex, void *context);

#endif

/*
 * The story of a prediction; the only room that knows all its steps:
 *
 *   body -> JSON -> base64 -> picture -> 28x28 floats -> batch -> probabilities -> JSON
 */
#ifndef DIGIT_PREDICT_H
#define DIGIT_PREDICT_H

#include "server/http.h"

/* Handle POST /predict, and the same in the words of the Open Inference Protocol; the context is a
 * struct service. */
void predict_handle(struct http_exchange *ex, void *context);
void predict_handle_v1(struct http_exchange *ex, void *context);
void predict_handle_v2(struct http_exchange *ex, void *context);

#endif

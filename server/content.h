/*
 * What the body of a request to predict is, by its header.
 */
#ifndef DIGIT_CONTENT_H
#define DIGIT_CONTENT_H

#include "server/http.h"

enum content { CONTENT_UNKNOWN, CONTENT_JSON, CONTENT_PICTURE };

enum content content_of(const struct http_exchange *ex);

/* Whether POST /predict takes the request's content type. */
bool content_admit(const struct http_exchange *ex, struct error *err) MUST_CHECK;

/* Whether the Open Inference Protocol's routes take its coding. Their clients send JSON, and binary
 * data behind it, under all kinds of content types and none. */
bool content_admit_json(const struct http_exchange *ex, struct error *err) MUST_CHECK;

#endif

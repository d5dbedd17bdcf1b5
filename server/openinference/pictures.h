/*
 * Pictures of a request: base64 in JSON, or files in binary tensor data.
 */
#ifndef DIGIT_PICTURES_H
#define DIGIT_PICTURES_H

#include "server/api.h"
#include "server/pull.h"

/* Pulls a picture into the list of *out: "<base64>", {"b64": "<base64>"}, or an object whose only
 * member is such an object. */
bool pictures_pull_one(struct api_images *out, struct pull *p);

/* Pulls a list of at most `max` of them into the list of *out, where the client calls it `what`. */
bool pictures_pull_list(struct api_images *out, struct pull *p, size_t max, const char *what);

/* Fills the list of *out with the `count` files that `len` bytes must be: each has its length
 * before it, in four bytes, little end first. */
bool pictures_from_bytes(struct api_images *out, const char *bytes, size_t len, size_t count,
                         struct error *err) MUST_CHECK;

#endif

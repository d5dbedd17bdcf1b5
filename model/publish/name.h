/*
 * The names of a model's two files: NAME.pth and NAME.json.
 */
#ifndef DIGIT_PUBLISH_NAME_H
#define DIGIT_PUBLISH_NAME_H

#include <stddef.h>

#include "model/error.h"

/* Fills `out` with the path or URL of the card beside the weights. Fails when that of the weights
 * does not end in "NAME.pth". */
bool name_card(char *out, size_t size, const char *weights, struct error *err) MUST_CHECK;

/* Fills `out` with NAME. */
bool name_stem(char *out, size_t size, const char *weights, struct error *err) MUST_CHECK;

#endif

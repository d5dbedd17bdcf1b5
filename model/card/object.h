/*
 * JSON objects built and read the way cards need it. For the files of this folder and card.c.
 */
#ifndef DIGIT_CARD_OBJECT_H
#define DIGIT_CARD_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "model/error.h"

/* Each takes `object` and gives it back with one member more; the values of object_with and
 * object_append are taken as well. A member that cannot be made (no memory, not UTF-8, not finite)
 * makes the whole NULL, and NULL may be given for any of them. Empty text is left out. */
json_t *object_with(json_t *object, const char *key, json_t *value);
json_t *object_with_text(json_t *object, const char *key, const char *text);
json_t *object_with_size(json_t *object, const char *key, size_t size);
json_t *object_append(json_t *array, json_t *value);

/* Letters, digits, '.', '_', '-'. */
bool object_is_name_character(char c);

/* Fills `out` with a text of 1 to size - 1 such characters; false for anything else. `value` may be
 * NULL. */
bool object_read_name(char *out, size_t size, const json_t *value);

/* Parses one object, in which no member stands twice, into *out (json_decref). The error's text is
 * about "it". */
bool object_parse(json_t **out, const char *json, size_t len, struct error *err) MUST_CHECK;

#endif

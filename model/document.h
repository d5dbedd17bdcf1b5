/*
 * JSON documents (RFC 8259), read and written by jansson.
 *
 * jansson 2.14 does not notice where memory ends within a text or a number: characters are missing
 * then, or it aborts. These notice, and fail with ERROR_OUT_OF_MEMORY. Any thread.
 */
#ifndef DIGIT_DOCUMENT_H
#define DIGIT_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>

#include "model/error.h"

/* The document in `len` bytes of text, to be released with json_decref. NULL with ERROR_NOT_JSON
 * (line and reason) where the text is none, or has a name twice in an object. */
json_t *document_read(const char *text, size_t len, struct error *err) MUST_CHECK;

/* The document as text, with jansson's `flags`; the caller frees it. NULL where it cannot be
 * written: ERROR_OUT_OF_MEMORY. */
char *document_write(const json_t *document, size_t flags, struct error *err) MUST_CHECK;

#endif

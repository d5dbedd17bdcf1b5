/*
 * Base64 (RFC 4648, section 4), strict: the standard alphabet, padded, no line breaks, no stray
 * bits at the end. What is accepted is exactly what an encoder writes.
 */
#ifndef DIGIT_BASE64_H
#define DIGIT_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

/* The bytes that base64_decode needs for a text of that length: a little more than it fills. */
size_t base64_room(size_t text_len);

/* Fills `out`, which has base64_room(text_len) bytes, and *len with what the text says; an empty
 * text says nothing. Fails with ERROR_NOT_BASE64, which names the first wrong character, counted
 * from 1. Any thread; allocates nothing. */
bool base64_decode(uint8_t *out, size_t *len, const char *text, size_t text_len,
                   struct error *err) MUST_CHECK;

/* The characters of the text for that many bytes. */
size_t base64_text_len(size_t len);

/* Fills `out` with base64_text_len(len) characters, and no NUL. Any thread. */
void base64_encode(char *out, const uint8_t *bytes, size_t len);

#endif

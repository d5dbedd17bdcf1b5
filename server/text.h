/*
 * A growing text. It remembers when memory ran out, so that only the end needs a check.
 */
#ifndef DIGIT_TEXT_H
#define DIGIT_TEXT_H

#include <stddef.h>

#include "model/error.h"

/* Starts as {0}. */
struct text {
    char *bytes; /* owned until text_take */
    size_t len;
    size_t room;
    bool failed;
};

/* Makes room for `len` more bytes and lends the place to write them to; NULL when memory has run
 * out. What was written counts once text_wrote was told. */
char *text_reserve(struct text *t, size_t len);
void text_wrote(struct text *t, size_t len);

void text_append(struct text *t, const char *bytes, size_t len);
void text_string(struct text *t, const char *string);
void text_integer(struct text *t, size_t value);
void text_number(struct text *t, float value); /* which must be finite */

/* Appends a JSON string (RFC 8259): quoted, escaped, and valid UTF-8 whatever the input is: each
 * byte that is no part of a character becomes U+FFFD. */
void text_quoted(struct text *t, const char *string);

/* Hands the bytes over to the caller, who frees them, with a NUL behind them that *len does not
 * count. Fails with ERROR_OUT_OF_MEMORY when an append did. Empties *t in any case. */
bool text_take(struct text *t, char **out, size_t *len, struct error *err) MUST_CHECK;

/* Whether all of it is printable ASCII, without a backslash. */
bool text_is_plain(const char *bytes, size_t len);

/* The length of the UTF-8 character (RFC 3629) that starts there, within `room` bytes, which are
 * one at least; 0 when none does. */
size_t text_character_len(const char *bytes, size_t room);

#endif

/*
 * Text as a JSON string (RFC 8259), for commands that print JSON.
 */
#ifndef DIGIT_JSON_H
#define DIGIT_JSON_H

#include <stdio.h>

/* Prints `text` with quotes. Bytes that are not UTF-8 (RFC 3629) become U+FFFD, so that what comes
 * out is valid JSON whatever a file is called. */
void json_text(FILE *out, const char *text);

#endif

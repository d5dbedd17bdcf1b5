/*
 * A request's first line (RFC 9112, section 3), and what its target and the Host field are made of
 * (RFC 3986, sections 2 and 3). Pure functions of the bytes.
 */
#ifndef DIGIT_HTTP_TARGET_H
#define DIGIT_HTTP_TARGET_H

#include <stddef.h>

#include "server/http/head.h"

struct request_line {
    bool is_head;
    bool before_1_1;
    size_t prefix_at;  /* of scheme and authority, where the target is in absolute form; */
    size_t prefix_len; /* 0: it is not */
};

/* Reads a line without its CR LF. */
bool request_line_read(struct request_line *out, const char *line, size_t len,
                       struct fault *fault) MUST_CHECK;

/* Takes scheme and authority out of the target, within the `len` bytes that begin with that line; a
 * target of nothing else becomes "/". Gives how many bytes fewer there are. */
size_t request_line_shorten(const struct request_line *line, char *bytes, size_t len);

/* Of a method or a field's name: RFC 9110, section 5.6.2. */
bool target_is_token(const char *text, size_t len);

/* A name or an address, with a port or without: RFC 3986, section 3.2.2, but for the delimiters
 * that it lets a name have and no name has. */
bool target_is_host(const char *text, size_t len);

#endif

/*
 * The head of a request, read strictly (RFC 9112, sections 2.2, 3, 5 and 6; RFC 9110, sections 5
 * and 7.2; RFC 3986): what two readers could read in two ways is refused, since one of them may be
 * a proxy in front of us. Pure functions of the bytes.
 */
#ifndef DIGIT_HTTP_HEAD_H
#define DIGIT_HTTP_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "server/http/fault.h"

/* Where a request's body ends. */
enum head_body { HEAD_BODY_NONE, HEAD_BODY_SIZED, HEAD_BODY_CHUNKED };

struct head {
    bool is_head; /* its method is HEAD */
    enum head_body body;
    uint64_t length; /* of a sized body */
};

/* Reads the head that the `*len` bytes are, from the request line to the empty line. Whoever reads
 * it next need not be strict: a target in absolute form becomes a path, and no value ends with
 * blanks. That may make it shorter. */
bool head_read(struct head *out, char *bytes, size_t *len, struct fault *fault) MUST_CHECK;

/* Checks a request line alone, without its CR LF. */
bool head_check_line(const char *line, size_t len, struct fault *fault) MUST_CHECK;

/* Checks the trailer section that `len` bytes are: field lines and the empty line. */
bool head_check_trailers(char *bytes, size_t len, struct fault *fault) MUST_CHECK;

/* Whether a request line can begin with that byte. */
bool head_begins(char byte);

#endif

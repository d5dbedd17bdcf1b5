/*
 * The fields that say whom a request is for and where its body ends, and that all fields are well
 * formed (RFC 9112, sections 3.2, 5 and 6; RFC 9110, section 5).
 */
#ifndef DIGIT_HTTP_FRAMING_H
#define DIGIT_HTTP_FRAMING_H

#include <microhttpd.h>

#include "model/error.h"

/* What its header fields say. */
struct framing {
    size_t lengths;
    size_t codings;
    size_t hosts;
    const char *fault; /* of any field's form, a constant; NULL: there is none */
    bool chunked;
    bool continues; /* the client waits for our word before it sends the body */
    size_t length;  /* too large a number reads as SIZE_MAX - 1, which is refused */
};

void framing_read(struct framing *out, struct MHD_Connection *connection);

/* Whether it is said once and well. */
bool framing_check(const struct framing *f, const char *version, struct error *err) MUST_CHECK;

#endif

/*
 * What ties a request to what others know of it: its id, and its place in a distributed trace (W3C
 * Trace Context).
 */
#ifndef DIGIT_TRACE_H
#define DIGIT_TRACE_H

#include <stdbool.h>

enum {
    TRACE_ID_LEN = 32,
    TRACE_SPAN_LEN = 16,
    TRACE_SPAN_SIZE = TRACE_SPAN_LEN + 1,
    TRACE_PARENT_SIZE = sizeof "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    TRACE_REQUEST_ID_MAX = 128,
};

/* A traceparent in parts; each is a C string. */
struct trace {
    char id[TRACE_ID_LEN + 1];
    char span[TRACE_SPAN_SIZE];
    char flags[3];
};

/* Fills *out from the value of a traceparent field, of version 00 or a later one. False, and *out
 * is empty, when it is not valid: then it is to be taken for none. */
bool trace_read(struct trace *out, const char *value);

/* Fills `out` with a traceparent of version 00. */
void trace_write(char out[TRACE_PARENT_SIZE], const struct trace *t);

/* Fills `out` with an id, at random: lower-case hexadecimal, not all zeros. */
void trace_new_span(char out[TRACE_SPAN_SIZE]);

/* Whether a client's id for its request can be repeated: 1 to 128 visible ASCII characters. */
bool trace_takes_request_id(const char *value);

#endif

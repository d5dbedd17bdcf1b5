/*
 * What the server remembers of a request until it has ended, and what becomes of that.
 */
#ifndef DIGIT_NOTES_H
#define DIGIT_NOTES_H

#include "model/digit.h"
#include "server/http.h"
#include "server/keys.h"
#include "server/trace.h"

enum { NOTES_TIMING_SIZE = 96 };

/* All zeros at first. Small, so that an exchange stays in what malloc keeps for each thread (1032
 * bytes in glibc). */
struct notes {
    size_t route;                   /* its number in the counters; 0: none */
    int64_t deadline_ns;            /* the client's, on the batcher's clock; 0: none */
    enum error_code error;          /* what it was answered with, if that was one */
    bool predicted;                 /* what follows is filled */
    int64_t decode_ns;              /* from its body to a job of the batcher */
    int64_t queue_ns;               /* waiting for a turn that makes it one, and for its batch */
    int64_t compute_ns;             /* computing that batch */
    bool timed;                     /* the client is to be told */
    uint16_t digits[DIGIT_CLASSES]; /* how many of each were recognised */
    char key[KEYS_NAME_SIZE]; /* the name of the client's API key; empty: none was asked for */
    const char *request_id;   /* the client's, or else our own; NULL: none is needed */
    char own_id[TRACE_SPAN_SIZE];
    char parent[TRACE_SPAN_SIZE]; /* the client's span; empty, and the next: it has no trace */
    char traceparent[TRACE_PARENT_SIZE]; /* the texts of two fields of the answer */
    char timing[NOTES_TIMING_SIZE];
};

struct service;

/* Begins them: reads what the client says about its request, and has the answer repeat it. */
void notes_begin(struct http_exchange *ex, const struct service *s);

/* Has the answer say how long the steps of a prediction took, if it is to (Server-Timing, W3C). */
void notes_tell_timing(struct http_exchange *ex);

/* Lends those of an exchange, as http_notes does. */
struct notes *notes_of(struct http_exchange *ex);

/* The server's callback for exchanges that have ended; the context is a struct service. */
void notes_end(struct http_exchange *ex, void *context, const struct http_outcome *outcome);

#endif

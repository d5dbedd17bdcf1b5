/*
 * What the server remembers of a request until it has ended, and what becomes of that.
 */
#ifndef DIGIT_NOTES_H
#define DIGIT_NOTES_H

#include "model/digit.h"
#include "server/http.h"

/* All zeros at first. */
struct notes {
    size_t route;                   /* its number in the counters; 0: none */
    enum error_code error;          /* what it was answered with, if that was one */
    bool predicted;                 /* what follows is filled */
    int64_t decode_ns;              /* from its body to a job of the batcher */
    int64_t queue_ns;               /* from then until its batch was computed */
    int64_t compute_ns;             /* computing that batch */
    uint16_t digits[DIGIT_CLASSES]; /* how many of each were recognised */
};

/* Lends those of an exchange, as http_notes does. */
struct notes *notes_of(struct http_exchange *ex);

/* The server's callback for exchanges that have ended; the context is a struct service. */
void notes_end(struct http_exchange *ex, void *context, const struct http_outcome *outcome);

#endif

/*
 * One GET as a client (RFC 9112): what digitd asks another digitd on its own machine.
 */
#ifndef DIGIT_HTTP_CLIENT_H
#define DIGIT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/error.h"

struct http_question {
    const char *host; /* as a server's own: 0.0.0.0 and :: mean this machine */
    uint16_t port;
    bool tls; /* any certificate will do: nothing secret is sent, and nothing that comes is run */
    const char *path;
    unsigned seconds; /* to connect, and again for each piece that is sent or read */
};

struct http_finding {
    int status;
    char text[160]; /* the body's first line, cut off when longer */
};

/* Blocks until the answer is there. Any thread. Fails where there is no answer, or none in time. */
bool http_ask(struct http_finding *out, const struct http_question *question,
              struct error *err) MUST_CHECK;

#endif

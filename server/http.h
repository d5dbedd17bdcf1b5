/*
 * HTTP/1.1 exchanges (RFC 9110, RFC 9112) over libmicrohttpd: a request comes in whole, exactly one
 * reply goes out.
 *
 * A server runs a fixed number of loops, each a thread with connections of its own. A loop works in
 * turns: it reads what has arrived on all its connections, hands over each request that is whole,
 * and then says that the turn is over, which is when work gathered in that turn is best done.
 */
#ifndef DIGIT_HTTP_H
#define DIGIT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

enum { HTTP_CLIENT_SIZE = 64, HTTP_URL_SIZE = 80 };

struct http_server;
struct http_exchange;

/* Takes a request that is whole. Must lead to exactly one http_reply, at once or later. Runs on the
 * exchange's loop and must not block. */
typedef void http_handler(struct http_exchange *ex, void *context);

/* How an exchange ended. */
struct http_outcome {
    int status;         /* 0: there was no reply, or the client went before it had it all */
    size_t request_len; /* these two of the bodies */
    size_t response_len;
    int64_t duration_ns; /* from the turn in which its headers were there */
};

/* What the server calls; all on the exchange's loop. */
struct http_callbacks {
    /* Names the handler of a request whose headers are there, before its body is read; or refuses.
     */
    http_handler *(*admit)(struct http_exchange *ex, void *context, struct error *err);
    /* Writes the reply for a request that was refused, here or by `admit`. */
    void (*refuse)(struct http_exchange *ex, void *context, const struct error *err);
    /* A turn of the loop is over. */
    void (*turn)(size_t loop, void *context);
    /* Nothing more comes of an exchange; its request can be asked about for the last time. */
    void (*ended)(struct http_exchange *ex, void *context, const struct http_outcome *outcome);
    void *context;
};

struct http_options {
    const char *host; /* a numeric address or a name */
    uint16_t port;    /* 0: any free one */
    bool reuse_port;  /* other processes of the same user may listen there, too */
    int listen_fd; /* taken: a socket that listens already; -1: none, and the three above count */
    const char *tls_cert; /* PEM files, lent; NULL: no TLS */
    const char *tls_key;
    size_t first_loop; /* loops are numbered from here on */
    size_t loops;
    size_t connections_max;
    size_t address_connections_max; /* of one IPv4 address or IPv6 /64; 0: any number */
    size_t body_max;                /* bytes */
    size_t bodies_max;              /* bytes that bodies in pieces may take, in all */
    unsigned idle_seconds;          /* until a silent connection is closed; the next three are */
    unsigned header_seconds;        /* explained in server/http/deadlines.h */
    size_t rate_min;
    unsigned request_seconds;
    size_t requests_max; /* on one connection; 0: any number */
    size_t notes_len;    /* bytes, see http_notes */
    struct http_callbacks callbacks;
};

/* Listens, and serves on threads of its own until http_stop. */
bool http_start(struct http_server **out, const struct http_options *options,
                struct error *err) MUST_CHECK;

/* Of all loops at this moment. */
struct http_stats {
    size_t connections; /* open */
    size_t exchanges;   /* begun and not ended */
    uint64_t accepted;  /* connections since the start */
    uint64_t refused;   /* connections since the start: beyond connections_max */
};

/* Any thread. */
void http_stats(const struct http_server *s, struct http_stats *out);

/* Fills `out` with where the server listens: "http://127.0.0.1:8080". */
void http_url(const struct http_server *s, char out[HTTP_URL_SIZE]);

/* Reads the certificate and the key again, for connections to come; true where there is no TLS. On
 * failure nothing changes. */
bool http_reload(struct http_server *s, struct error *err) MUST_CHECK;

/* Takes no more connections, lets every request that has begun end (at most `drain_seconds`), and
 * returns when all threads have. What is left can tell its stats. Accepts NULL. */
void http_stop(struct http_server *s, unsigned drain_seconds);

/* Frees a server that was stopped. Accepts NULL. */
void http_free(struct http_server *s);

/* Of a request. All lend until the reply. */
const char *http_method(const struct http_exchange *ex);
const char *http_path(const struct http_exchange *ex); /* percent-decoded, without the query */
const char *http_header(const struct http_exchange *ex, const char *name); /* NULL without one */
/* Fills `out` with the client's address and port, as numbers: "127.0.0.1:4711", "[::1]:4711". */
void http_client(const struct http_exchange *ex, char out[HTTP_CLIENT_SIZE]);
const char *http_query(const struct http_exchange *ex,
                       const char *name);                           /* percent-decoded; same */
const char *http_body(const struct http_exchange *ex, size_t *len); /* inside the handler only */
size_t http_loop(const struct http_exchange *ex);                   /* its number */

/* Lends the exchange's own memory for what its handlers want to remember of it: notes_len bytes,
 * zeros at first, until `ended` returns. Belongs to whoever may reply. */
void *http_notes(struct http_exchange *ex);

/* Lets the handler be called in a later turn, if this one has lasted for long by then; in `admit`,
 * for handlers that take long. First come, first served; what would have to wait for longer than
 * `patience_ns` from now on is refused with ERROR_OVERLOADED as soon as that is to be seen. */
void http_may_wait(struct http_exchange *ex, int64_t patience_ns);

/* How long it has waited before its handler was called. */
int64_t http_waited_ns(const struct http_exchange *ex);

/* Says that the reply will come from another thread. Call it on the loop, before that thread can
 * know of the exchange. */
void http_defer(struct http_exchange *ex);

/* Adds a field to the reply; before http_reply. Lends both strings until then. */
void http_reply_header(struct http_exchange *ex, const char *name, const char *value);

/* Answers, and ends the caller's right to use `ex`. Takes `body` (malloc). On the exchange's loop,
 * or after http_defer on any thread. A NULL body closes the connection without an answer, for
 * callers that are out of memory. */
void http_reply(struct http_exchange *ex, int status, const char *type, char *body, size_t len);

/* The same with a body that outlives the server. */
void http_reply_static(struct http_exchange *ex, int status, const char *type, const char *body,
                       size_t len);

#endif

/*
 * What an exchange is, for the rooms of HTTP only; and what the loop needs of exchanges:
 * libmicrohttpd's callbacks, and a way back for late replies.
 */
#ifndef DIGIT_HTTP_EXCHANGE_H
#define DIGIT_HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <stddef.h>

#include "server/http.h"

struct loop;
struct peer;

enum { REPLY_HEADERS_MAX = 19 };

enum exchange_state {
    EXCHANGE_READING,  /* its body is on the way */
    EXCHANGE_REFUSED,  /* as before, but the body is dropped and `refusal` is the answer */
    EXCHANGE_WAITING,  /* it is whole, but this turn has taken on enough */
    EXCHANGE_HANDLING, /* the handler has it */
    EXCHANGE_DEFERRED, /* another thread has it; the connection is suspended */
    EXCHANGE_REPLIED,  /* `response` is the answer; NULL: there is none */
};

struct reply_header {
    const char *name;
    const char *value;
};

/* Small, so that with its notes it stays in what malloc keeps for each thread (1032 bytes in
 * glibc).
 */
struct http_exchange {
    enum exchange_state state;
    int status;
    struct loop *loop;
    struct peer *peer;
    struct MHD_Connection *connection;
    const char *method;
    const char *path;
    http_handler *handler;
    struct error refusal;
    size_t declared_len; /* of the body; SIZE_MAX when it was not declared */
    size_t body_len;
    size_t body_room;
    char *gathered;   /* owned: a body that came in pieces */
    const char *body; /* lent to the handler */
    bool close;       /* the connection ends with the reply */
    unsigned header_count;
    int64_t patience_ns; /* until when it may wait for a turn with time left; 0: it need not */
    int64_t whole_ns;    /* since when it waits for one, */
    int64_t waited_ns;   /* and how long it did */
    struct MHD_Response *response; /* owned until it is queued */
    struct reply_header headers[REPLY_HEADERS_MAX];
    size_t reply_len;
    int64_t began_ns;
    struct http_exchange *next; /* in the mailbox, or among those that wait; there also: */
    struct http_exchange *previous;
    max_align_t notes[];
};

/* MHD_AccessHandlerCallback and MHD_RequestCompletedCallback; the context is a struct loop. */
enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *piece, size_t *piece_len, void **slot);
void exchange_on_end(void *context, struct MHD_Connection *connection, void **slot,
                     enum MHD_RequestTerminationCode code);

/* Hands over those that wait for a turn with time left, the oldest first; refuses those that have
 * lost patience. On the loop, after it has read. */
void exchange_handle_waiting(struct loop *loop);

/* Resumes the connections of a list of deferred exchanges that have their replies, and counts
 * them. On the loop. */
size_t exchange_resume_all(struct http_exchange *list);

/* Links an exchange before a list. */
struct http_exchange *exchange_link(struct http_exchange *ex, struct http_exchange *list);

#endif

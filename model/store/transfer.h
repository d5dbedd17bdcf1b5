/*
 * One HTTP request and its answer (RFC 9110). No redirect is followed, no proxy used, and nothing
 * but http and https spoken.
 */
#ifndef DIGIT_STORE_TRANSFER_H
#define DIGIT_STORE_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/store.h"

enum {
    TRANSFER_ANSWER_MAX = 8 * 1024 * 1024, /* bytes of an answer that is kept */
    TRANSFER_LOCATION_SIZE = 16 * 1024,
};

struct transfer_request {
    const char *method; /* "GET" */
    const char *url;    /* may hold a token: it is never told */
    const char *peer;   /* "the NameNode HOST:PORT", for messages */
    bool negotiate;     /* authenticate by SPNEGO (RFC 4559) */
    const char *type;   /* of the body; NULL: application/octet-stream */
    const char *field;  /* one more header field, "Name: value"; NULL: none. It is never told */

    /* The request's body of give_len bytes. Gives up to `size` of them; NULL: there is none. */
    bool (*give)(void *context, void *buffer, size_t size, size_t *got, struct error *err);
    uint64_t give_len;
    /* Takes the body of an answer whose status is 2xx; NULL: it is kept. */
    bool (*take)(void *context, const void *bytes, size_t len, struct error *err);
    void *context;
};

struct transfer_answer {
    long status;
    char *body; /* what was kept, with a NUL after it; lent until the next request or the end */
    size_t len;
    char location[TRANSFER_LOCATION_SIZE]; /* of a 3xx; else empty */
};

/* Connections, kept from one request to the next. One thread at a time. */
struct transfer;

bool transfer_open(struct transfer **out, const struct store_options *options,
                   struct error *err) MUST_CHECK;

/* True when there was an answer, whatever its status. Fails with ERROR_STORE_DOWN when the peer was
 * not reached, was cut off or too slow, or go_on says so; with ERROR_STORE when it is not who it
 * should be, or answers too much. */
bool transfer_run(struct transfer *t, struct transfer_answer *out,
                  const struct transfer_request *request, struct error *err) MUST_CHECK;

/* Accepts NULL. */
void transfer_close(struct transfer *t);

/* These functions by themselves, for programs that start without libcurl: the plug-in
 * TRANSFER_PLUGIN exports one of these as TRANSFER_SYMBOL. */
struct transfer_type {
    bool (*open)(struct transfer **out, const struct store_options *options, struct error *err);
    bool (*run)(struct transfer *t, struct transfer_answer *out,
                const struct transfer_request *request, struct error *err);
    void (*close)(struct transfer *t);
};

#define TRANSFER_PLUGIN "digit_transfer.so"
#define TRANSFER_SYMBOL "digit_transfer"

#endif

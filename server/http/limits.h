/*
 * What all connections of a server share: how many an address may have, and how much memory bodies
 * may take. Every function may be called on any thread.
 */
#ifndef DIGIT_HTTP_LIMITS_H
#define DIGIT_HTTP_LIMITS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "model/error.h"

enum { LIMITS_COUNTERS = 1 << 16 };

struct limits {
    size_t bodies_max; /* bytes */
    atomic_size_t bodies;
    size_t address_max; /* connections of one address; 0: any number */
    uint64_t key;
    /* An address is counted in the one that a secret hash chooses. Two addresses may meet there;
     * nobody can bring that about. */
    atomic_uint counters[LIMITS_COUNTERS];
};

bool limits_open(struct limits **out, size_t bodies_max, size_t address_max,
                 struct error *err) MUST_CHECK;

/* Accepts NULL. */
void limits_close(struct limits *l);

/* Counts a connection of that IPv4 address or IPv6 network of 64 bits, until limits_leave. False:
 * it has as many as it may. */
bool limits_enter(struct limits *l, const struct sockaddr *address) MUST_CHECK;
void limits_leave(struct limits *l, const struct sockaddr *address);

/* Takes memory for a body, until limits_give. False: there is no more. */
bool limits_take(struct limits *l, size_t bytes) MUST_CHECK;
void limits_give(struct limits *l, size_t bytes);

/* Whether another body may begin. */
bool limits_have_room(const struct limits *l);

#endif

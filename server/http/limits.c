/*
 * Counters, each an atomic; nothing is locked.
 */
#include "server/http/limits.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

bool limits_open(struct limits **out, size_t bodies_max, size_t address_max, struct error *err)
{
    struct limits *l = calloc(1, sizeof *l);
    if (l == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to count connections");
    l->bodies_max = bodies_max;
    l->address_max = address_max;
    if (getrandom(&l->key, sizeof l->key, 0) != (ssize_t)sizeof l->key) {
        error_set(err, ERROR_INTERNAL, "the system gives no random number: %s", strerror(errno));
        free(l);
        return false;
    }
    *out = l;
    return true;
}

void limits_close(struct limits *l)
{
    free(l);
}

static uint64_t network_of(const struct sockaddr *address)
{
    uint64_t network = 0;
    if (address->sa_family == AF_INET) {
        memcpy(&network, &((const struct sockaddr_in *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *a = &((const struct sockaddr_in6 *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(a))
            memcpy(&network, &a->s6_addr[12], 4);
        else
            memcpy(&network, a, 8);
    }
    return network;
}

/* The finaliser of MurmurHash3: every bit of the input changes half of the output's. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ (x >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ (x >> 33);
}

static atomic_uint *counter_of(struct limits *l, const struct sockaddr *address)
{
    const uint64_t hash = mix(mix(network_of(address) + l->key) ^ l->key);
    return &l->counters[hash % LIMITS_COUNTERS];
}

bool limits_enter(struct limits *l, const struct sockaddr *address)
{
    atomic_uint *counter = counter_of(l, address);
    if (atomic_fetch_add(counter, 1) < l->address_max || l->address_max == 0)
        return true;
    atomic_fetch_sub(counter, 1);
    return false;
}

void limits_leave(struct limits *l, const struct sockaddr *address)
{
    atomic_fetch_sub(counter_of(l, address), 1);
}

bool limits_take(struct limits *l, size_t bytes)
{
    if (atomic_fetch_add(&l->bodies, bytes) + bytes <= l->bodies_max)
        return true;
    limits_give(l, bytes);
    return false;
}

void limits_give(struct limits *l, size_t bytes)
{
    atomic_fetch_sub(&l->bodies, bytes);
}

bool limits_have_room(const struct limits *l)
{
    return atomic_load_explicit(&l->bodies, memory_order_relaxed) < l->bodies_max;
}

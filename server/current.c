/*
 * Holding by hazard pointers (Maged M. Michael, "Hazard Pointers: Safe Memory Reclamation for
 * Lock-Free Objects", 2004).
 *
 * A reader writes into its seat what it is about to use, then looks whether that still is the
 * value. All these steps are sequentially consistent: had the value been replaced before that
 * second look, the reader would see so and start over; if it is replaced after, whoever replaces it
 * sees the seat. Seats have cache lines of their own, so that readers write nothing that others
 * read but at a swap. Swaps are rare, and a seat is held for a batch at most: the one who swaps
 * sleeps and looks again, which spares the readers a signal.
 */
#include "server/current.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
    CACHE_LINE = 64,
    LOOK_AGAIN_NS = 200000,
};

struct seat {
    alignas(CACHE_LINE) void *_Atomic held;
};

struct current {
    alignas(CACHE_LINE) void *_Atomic value;
    size_t count;
    struct seat seats[];
};

bool current_open(struct current **out, size_t seats, void *value, struct error *err)
{
    struct current *c = aligned_alloc(CACHE_LINE, sizeof *c + seats * sizeof c->seats[0]);
    if (c == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for %zu threads", seats);
    c->count = seats;
    atomic_init(&c->value, value);
    for (size_t i = 0; i < seats; i++)
        atomic_init(&c->seats[i].held, NULL);
    *out = c;
    return true;
}

void *current_hold(struct current *c, size_t seat)
{
    void *value;
    do {
        value = atomic_load(&c->value);
        atomic_store(&c->seats[seat].held, value);
    } while (atomic_load(&c->value) != value);
    return value;
}

void current_release(struct current *c, size_t seat)
{
    atomic_store_explicit(&c->seats[seat].held, NULL, memory_order_release);
}

void *current_swap(struct current *c, void *next)
{
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_NS};
    void *before = atomic_exchange(&c->value, next);
    for (size_t i = 0; i < c->count; i++)
        while (atomic_load(&c->seats[i].held) == before)
            nanosleep(&pause, NULL);
    return before;
}

void *current_close(struct current *c)
{
    void *value = atomic_load(&c->value);
    free(c);
    return value;
}

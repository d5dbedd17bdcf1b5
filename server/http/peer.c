/*
 * Bytes are read straight into the buffer they are wanted in, and looked at there: a request that
 * comes in one piece is never copied. Only a beginning that is not whole yet is held back.
 */
#include "server/http/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_SIZE_MIN = 64 };

struct peer *peer_make(int fd, const struct sockaddr *address, socklen_t len)
{
    struct peer *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->fd = fd;
    p->address_len = len;
    memcpy(&p->address, address, len);
    return p;
}

static bool make_room(struct peers *all, size_t fd)
{
    size_t size = all->size > 0 ? all->size : TABLE_SIZE_MIN;
    while (size <= fd)
        size *= 2;
    if (size == all->size)
        return true;
    struct peer **bigger = realloc(all->by_fd, size * sizeof *bigger);
    if (bigger == NULL)
        return false;
    memset(bigger + all->size, 0, (size - all->size) * sizeof *bigger);
    all->by_fd = bigger;
    all->size = size;
    return true;
}

bool peers_add(struct peers *all, struct peer *p)
{
    if (!make_room(all, (size_t)p->fd))
        return false;
    all->by_fd[p->fd] = p;
    p->previous = NULL;
    p->next = all->first;
    if (all->first != NULL)
        all->first->previous = p;
    all->first = p;
    return true;
}

struct peer *peers_find(const struct peers *all, int fd)
{
    return (size_t)fd < all->size ? all->by_fd[fd] : NULL;
}

void peers_remove(struct peers *all, struct peer *p)
{
    all->by_fd[p->fd] = NULL;
    if (p->next != NULL)
        p->next->previous = p->previous;
    if (p->previous != NULL)
        p->previous->next = p->next;
    else
        all->first = p->next;
    free(p->hold);
    free(p);
}

void peers_close(struct peers *all)
{
    free(all->by_fd);
}

/* Hands on what is ready of what was held. Nothing is held for long by most, so memory for it comes
 * and goes. */
static size_t release(struct peer *p, char *out, size_t size)
{
    const size_t count = p->hold_ready < size ? p->hold_ready : size;
    if (p->hold == NULL)
        return 0;
    memcpy(out, p->hold, count);
    p->hold_len -= count;
    p->hold_ready -= count;
    memmove(p->hold, p->hold + count, p->hold_len);
    if (p->hold_len == 0) {
        free(p->hold);
        p->hold = NULL;
    }
    return count;
}

static bool hold(struct peer *p, const char *bytes, size_t len)
{
    if (p->hold == NULL)
        p->hold = malloc(INTAKE_HEAD_MAX);
    if (p->hold == NULL)
        return false;
    memcpy(p->hold, bytes, len);
    p->hold_len = len;
    return true;
}

/* Looks at bytes that are where they are wanted. Gives how many stay there. */
static ssize_t take_in_place(struct peer *p, char *bytes, size_t len)
{
    const size_t taken = intake_take(&p->intake, bytes, &len);
    if (p->intake.state != INTAKE_OVER && taken < len && !hold(p, bytes + taken, len - taken)) {
        errno = ECONNRESET;
        return -1;
    }
    return (ssize_t)taken;
}

/* Looks at what is held, and what has come behind it. */
static void take_held(struct peer *p, size_t len)
{
    p->hold_len += len;
    p->hold_ready = intake_take(&p->intake, p->hold, &p->hold_len);
    if (p->intake.state == INTAKE_OVER)
        p->hold_len = p->hold_ready;
}

/* Reads once, to `out` or behind what is held. The result is recv's; *placed grows by what is in
 * `out` for good. */
static ssize_t read_once(struct peer *p, peer_read *from, void *source, char *out, size_t size,
                         size_t *placed)
{
    if (p->hold_len > 0) {
        ssize_t got = from(source, p->hold + p->hold_len, INTAKE_HEAD_MAX - p->hold_len);
        if (got > 0)
            take_held(p, (size_t)got);
        return got;
    }
    ssize_t got = from(source, out, size);
    const ssize_t taken = got > 0 ? take_in_place(p, out, (size_t)got) : 0;
    if (taken < 0)
        return -1;
    *placed += (size_t)taken;
    return got;
}

/* The client has closed its side. Half a head can be answered; of half a body, nothing is to be
 * said. */
static bool ends_within_head(struct peer *p)
{
    return p->hold_len > 0 && p->intake.state == INTAKE_AT_HEAD &&
           intake_end(&p->intake, ERROR_BAD_REQUEST, "the connection ends within the head");
}

/* What recv is to say: so many bytes are there, or else what it said itself. */
static ssize_t result(size_t done, ssize_t got)
{
    if (done > 0)
        return (ssize_t)done;
    if (got <= 0)
        return got;
    errno = EAGAIN; /* something came, and is held */
    return -1;
}

ssize_t peer_receive(struct peer *p, peer_read *from, void *source, char *out, size_t size)
{
    size_t done = 0;
    for (;;) {
        done += release(p, out + done, size - done);
        if (p->intake.state == INTAKE_OVER)
            done += intake_last_words(&p->intake, out + done, size - done);
        if (done == size || p->intake.state == INTAKE_OVER)
            return result(done, 1);
        const size_t asked = p->hold_len > 0 ? INTAKE_HEAD_MAX - p->hold_len : size - done;
        ssize_t got = read_once(p, from, source, out + done, size - done, &done);
        if (got == 0 && ends_within_head(p))
            continue;
        if (got <= 0)
            return result(done, got);
        p->received += (uint64_t)got;
        /* TLS hands out what it has in pieces of its own; there only EAGAIN says that it was all.
         */
        if (!p->encrypted && (size_t)got < asked && p->hold_ready == 0 &&
            p->intake.state != INTAKE_OVER)
            return result(done, got);
    }
}

const struct fault *peer_fault(const struct peer *p)
{
    const bool is_its = p->intake.fault.code != ERROR_NONE && p->requests == p->intake.heads;
    return is_its ? &p->intake.fault : NULL;
}

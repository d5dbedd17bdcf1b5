/*
 * A connection as its loop sees it: what was read from it and not handed on yet, and what it is
 * waiting for. All but peer_make belongs to the loop's thread.
 */
#ifndef DIGIT_HTTP_PEER_H
#define DIGIT_HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "server/http/intake.h"

struct http_exchange;
struct tls_identity;

/* What a connection is waiting for. */
enum peer_wait {
    PEER_IDLE, /* a request, of which nothing has come */
    PEER_HEAD, /* the rest of a head, or of TLS's handshake */
    PEER_BODY,
    PEER_WORK, /* us */
    PEER_SEND, /* the client, to take what it asked for */
};

/* Since when it has been waiting, and from where its progress is measured. */
struct peer_watch {
    enum peer_wait wait;
    uint64_t heads; /* of the intake at that time: it tells one request from the next */
    int64_t since_ns;
    int64_t mark_ns;
    uint64_t mark; /* bytes that the client had moved by then */
};

struct peer {
    int fd;
    bool encrypted;
    bool greeted; /* its handshake is done */
    struct intake intake;
    char *hold; /* owned: the beginning of something that is not whole; NULL: nothing */
    size_t hold_len;
    size_t hold_ready; /* bytes of it that may be handed on */
    uint64_t received; /* bytes */
    uint64_t probed;   /* `received`, when it was last seen whether the client has gone */
    uint64_t requests; /* begun */
    bool replied;      /* and what was sent may not all have been taken */
    struct http_exchange *exchange; /* under way; NULL: none */
    struct tls_identity *identity;  /* NULL: none */
    struct peer_watch watch;
    struct peer *next; /* of the loop's, or in its mailbox */
    struct peer *previous;
    socklen_t address_len;
    struct sockaddr_storage address;
};

/* A loop's connections. All zeros at first. */
struct peers {
    struct peer **by_fd;
    size_t size;
    struct peer *first;
};

/* NULL: there is no memory. Any thread. */
struct peer *peer_make(int fd, const struct sockaddr *address, socklen_t len);

/* Adds a peer, which stays until peers_remove. False: there is no memory. */
bool peers_add(struct peers *all, struct peer *p) __attribute__((warn_unused_result));

/* NULL: it is none of these. */
struct peer *peers_find(const struct peers *all, int fd);

/* Takes a peer out and frees it. The descriptor is left alone. */
void peers_remove(struct peers *all, struct peer *p);

/* Frees the table, which holds no peer any more. */
void peers_close(struct peers *all);

/* Reads from the connection itself: like recv(2), with -1 and EAGAIN where there is nothing yet. */
typedef ssize_t peer_read(void *source, char *out, size_t size);

/* Reads what may be handed on, by recv(2)'s rules. A result smaller than `size` means that nothing
 * more is there for now. */
ssize_t peer_receive(struct peer *p, peer_read *from, void *source, char *out, size_t size);

/* The fault of the request that was begun last, where it has one; else NULL. */
const struct fault *peer_fault(const struct peer *p);

#endif

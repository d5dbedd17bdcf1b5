/*
 * A loop: a thread with connections of its own, and the mailbox through which others reach it.
 */
#ifndef DIGIT_HTTP_LOOP_H
#define DIGIT_HTTP_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "model/error.h"
#include "server/http.h"
#include "server/http/pace.h"
#include "server/http/peer.h"

struct MHD_Daemon;
struct limits;
struct tls;

struct mailbox {
    pthread_mutex_t mutex;
    struct peer *arrivals;
    struct http_exchange *replies;
};

/* Exchanges that are whole and wait for a turn with time left. */
struct waiting {
    struct http_exchange *first; /* the oldest */
    struct http_exchange *last;
    size_t count;
};

struct loop {
    size_t index;
    const struct http_options *options;
    struct tls *tls; /* NULL: none */
    struct limits *limits;
    struct MHD_Daemon *daemon;
    int epoll_fd; /* libmicrohttpd's */
    int wake_fd;
    struct mailbox mailbox;
    atomic_bool has_mail;
    atomic_size_t exchanges; /* begun and not ended; the loop's thread alone writes it */
    size_t deferred;         /* with another thread; this and the next five: the loop's thread's */
    struct pace pace;
    struct waiting waiting;
    bool moved;        /* in the last turn something came, went or was asked */
    int64_t looked_ns; /* when the deadlines were last looked at, on the monotonic clock */
    struct peers peers;
    atomic_size_t connections; /* handed over and not closed */
    atomic_bool draining;
    unsigned drain_seconds;
    bool running;
    pthread_t thread;
};

/* Makes a loop ready; it has no thread yet. */
bool loop_open(struct loop *loop, size_t index, const struct http_options *options, struct tls *tls,
               struct limits *limits, struct error *err) MUST_CHECK;
bool loop_run(struct loop *loop, struct error *err) MUST_CHECK;

/* Takes a connected socket, which the limits have counted. Any thread. */
void loop_add_connection(struct loop *loop, int fd, const struct sockaddr *address, socklen_t len);

/* Wakes the loop for a deferred exchange that has its reply. Any thread. */
void loop_post_reply(struct loop *loop, struct http_exchange *ex);

/* Lets begun requests end and tells clients that their connections do too. Any thread. */
void loop_drain(struct loop *loop, unsigned seconds);

/* The monotonic clock, in nanoseconds. */
int64_t loop_now_ns(void);

/* Waits for the thread to end, if there is one, and frees. */
void loop_close(struct loop *loop);

#endif

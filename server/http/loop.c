/*
 * Loops: each drives a libmicrohttpd daemon of its own from its own thread (external polling).
 *
 * Only so there is a moment when everything that has arrived is read and nothing is answered yet:
 * the end of a turn, when the requests of the turn can be computed as one batch, without waiting
 * for more and without another thread. Sockets come from the listener's thread and late replies
 * from any thread, both through the mailbox; libmicrohttpd itself is called by the loop's thread
 * alone. Every mutex of the HTTP side is a mailbox's.
 */
#include "server/http/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "server/http/deadlines.h"
#include "server/http/exchange.h"
#include "server/http/limits.h"
#include "server/http/receive.h"
#include "server/http/tls.h"

enum {
    /* libmicrohttpd's buffers of one connection, which it clears after each request. It must hold
     * the largest head that the intake lets through, some 70 bytes more for each of its fields and
     * parameters, and the head of the reply. Half of it is read at once: the request of most
     * drawings comes in one piece. */
    CONNECTION_MEMORY = 20 * 1024,
    POLL_MS_MAX = 1000,
    /* libmicrohttpd 0.9.75 wants to be called again at once for as long as a handshake waits for
     * its client. Where nothing moves, it is called that seldom, or when something comes. */
    REST_MS = 10,
    /* While draining, a keep-alive connection may have sent a request that is still on its way
     * through the kernel; it is given this long to show up. */
    DRAIN_QUIET_MS = 200,
};

static const int64_t ns_per_ms = 1000000, ns_per_second = 1000000000;

/* The flag spares a busy loop a system call each turn. */
static void wake(struct loop *loop)
{
    const uint64_t one = 1;
    if (atomic_exchange(&loop->has_mail, true))
        return;
    ssize_t written = write(loop->wake_fd, &one, sizeof one);
    (void)written; /* it fails only when the descriptor is readable already */
}

void loop_post_reply(struct loop *loop, struct http_exchange *ex)
{
    pthread_mutex_lock(&loop->mailbox.mutex);
    loop->mailbox.replies = exchange_link(ex, loop->mailbox.replies);
    pthread_mutex_unlock(&loop->mailbox.mutex);
    wake(loop);
}

static void count_out(struct loop *loop, const struct sockaddr *address)
{
    atomic_fetch_sub(&loop->connections, 1);
    limits_leave(loop->limits, address);
}

void loop_add_connection(struct loop *loop, int fd, const struct sockaddr *address, socklen_t len)
{
    atomic_fetch_add(&loop->connections, 1);
    struct peer *p = peer_make(fd, address, len);
    if (p == NULL) {
        close(fd);
        count_out(loop, address);
        return;
    }
    p->encrypted = loop->tls != NULL;
    pthread_mutex_lock(&loop->mailbox.mutex);
    p->next = loop->mailbox.arrivals;
    loop->mailbox.arrivals = p;
    pthread_mutex_unlock(&loop->mailbox.mutex);
    wake(loop);
}

static void add_connections(struct loop *loop, struct peer *list)
{
    while (list != NULL) {
        struct peer *p = list;
        const int fd = p->fd;
        const struct sockaddr *address = (const struct sockaddr *)&p->address;
        list = p->next;
        if (!peers_add(&loop->peers, p)) {
            close(fd);
            count_out(loop, address);
            free(p);
        } else if (MHD_add_connection(loop->daemon, fd, address, p->address_len) != MHD_YES &&
                   peers_find(&loop->peers, fd) == p) {
            /* The library has closed the socket, and may have told the connection's end already. */
            count_out(loop, address);
            peers_remove(&loop->peers, p);
        }
    }
}

static void empty_mailbox(struct loop *loop)
{
    if (!atomic_exchange(&loop->has_mail, false))
        return;
    pthread_mutex_lock(&loop->mailbox.mutex);
    struct peer *arrivals = loop->mailbox.arrivals;
    struct http_exchange *replies = loop->mailbox.replies;
    loop->mailbox.arrivals = NULL;
    loop->mailbox.replies = NULL;
    pthread_mutex_unlock(&loop->mailbox.mutex);
    loop->moved = true;
    add_connections(loop, arrivals);
    loop->deferred -= exchange_resume_all(replies);
}

int64_t loop_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Waits until there is something to do. */
static void wait_for_events(const struct loop *loop, int ms_max)
{
    MHD_UNSIGNED_LONG_LONG library_ms = 0;
    if (MHD_get_timeout(loop->daemon, &library_ms) == MHD_YES &&
        library_ms < (MHD_UNSIGNED_LONG_LONG)ms_max)
        ms_max = (int)library_ms;
    if (loop->tls != NULL && !loop->moved && ms_max < REST_MS)
        ms_max = REST_MS;
    if (ms_max == 0)
        return;
    struct pollfd fds[] = {{.fd = loop->epoll_fd, .events = POLLIN},
                           {.fd = loop->wake_fd, .events = POLLIN}};
    uint64_t count;
    if (poll(fds, 2, ms_max) > 0 && (fds[1].revents & POLLIN) != 0 &&
        read(loop->wake_fd, &count, sizeof count) < 0)
        return;
}

static void take_turn(struct loop *loop, int ms_max)
{
    wait_for_events(loop, ms_max);
    pace_begin(&loop->pace, loop_now_ns());
    loop->moved = false;
    empty_mailbox(loop);
    if (loop->pace.turn_ns - loop->looked_ns >= DEADLINES_LOOK_MS * ns_per_ms) {
        loop->looked_ns = loop->pace.turn_ns;
        deadlines_check(loop, loop->looked_ns);
    }
    receive_begin(loop);
    MHD_run(loop->daemon);
    receive_end();
    exchange_handle_waiting(loop);
    const int64_t tail_ns = loop_now_ns();
    loop->options->callbacks.turn(loop->index, loop->options->callbacks.context);
    pace_end(&loop->pace, tail_ns, loop_now_ns());
}

static void *run(void *context)
{
    struct loop *loop = context;
    while (!atomic_load(&loop->draining))
        take_turn(loop, loop->peers.first != NULL ? DEADLINES_LOOK_MS : POLL_MS_MAX);
    int64_t start = loop_now_ns(), busy = start;
    while (loop->deferred > 0 || (atomic_load(&loop->connections) > 0 &&
                                  loop_now_ns() - busy < DRAIN_QUIET_MS * ns_per_ms &&
                                  loop_now_ns() - start < loop->drain_seconds * ns_per_second)) {
        take_turn(loop, DRAIN_QUIET_MS / 4);
        if (atomic_load_explicit(&loop->exchanges, memory_order_relaxed) > 0)
            busy = loop_now_ns();
    }
    return NULL;
}

static void begin_connection(struct loop *loop, struct MHD_Connection *connection, void **slot)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct peer *p = peers_find(&loop->peers, info->connect_fd);
    if (loop->tls != NULL)
        p->identity = tls_begin(loop->tls, connection);
    *slot = p;
}

static void end_connection(struct loop *loop, struct peer *p)
{
    count_out(loop, (const struct sockaddr *)&p->address);
    if (loop->tls != NULL)
        tls_end(loop->tls, p->identity);
    peers_remove(&loop->peers, p);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        begin_connection(context, connection, slot);
    else
        end_connection(context, *slot);
}

/* What the library has to say is about clients' mistakes. */
static void discard_message(void *context, const char *format, va_list args)
{
    (void)context;
    (void)format;
    (void)args;
}

static bool start_daemon(struct loop *loop, struct error *err)
{
    const struct http_options *o = loop->options;
    const unsigned tls = loop->tls != NULL ? MHD_USE_TLS : 0;
    loop->daemon = MHD_start_daemon(
        tls | MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
            MHD_USE_ERROR_LOG,
        0, NULL, NULL, exchange_on_request, loop, MHD_OPTION_EXTERNAL_LOGGER, discard_message, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_on_end, loop, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, loop, MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, o->idle_seconds, MHD_OPTION_ARRAY, tls_options(loop->tls),
        MHD_OPTION_END);
    if (loop->daemon == NULL)
        return error_set(err, ERROR_INTERNAL, "libmicrohttpd does not start: %s", strerror(errno));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    loop->epoll_fd = info->epoll_fd;
    return true;
}

bool loop_open(struct loop *loop, size_t index, const struct http_options *options, struct tls *tls,
               struct limits *limits, struct error *err)
{
    loop->index = index;
    loop->options = options;
    loop->tls = tls;
    loop->limits = limits;
    pthread_mutex_init(&loop->mailbox.mutex, NULL);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->wake_fd < 0) {
        error_set(err, ERROR_INTERNAL, "cannot make an event descriptor: %s", strerror(errno));
        goto out_destroy_mutex;
    }
    if (!start_daemon(loop, err))
        goto out_close_wake_fd;
    return true;
out_close_wake_fd:
    close(loop->wake_fd);
out_destroy_mutex:
    pthread_mutex_destroy(&loop->mailbox.mutex);
    return false;
}

bool loop_run(struct loop *loop, struct error *err)
{
    int failure = pthread_create(&loop->thread, NULL, run, loop);
    if (failure != 0)
        return error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerror(failure));
    loop->running = true;
    return true;
}

void loop_drain(struct loop *loop, unsigned seconds)
{
    loop->drain_seconds = seconds;
    atomic_store(&loop->draining, true);
    wake(loop);
}

void loop_close(struct loop *loop)
{
    if (loop->running)
        pthread_join(loop->thread, NULL);
    empty_mailbox(loop);
    MHD_stop_daemon(loop->daemon);
    peers_close(&loop->peers);
    close(loop->wake_fd);
    pthread_mutex_destroy(&loop->mailbox.mutex);
}

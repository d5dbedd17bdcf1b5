/*
 * Accepts TCP connections and hands them on.
 *
 * One thread accepts for all loops, so that connections can be dealt out evenly: with a listening
 * socket for each loop the kernel's hash decides, and at 64 connections one loop of two easily gets
 * twice the other's share. Knows nothing of HTTP.
 *
 * Where processes share a port, each has a queue of its own, and what is in it is lost with it. So
 * a listener that stops first sends newcomers away without their noticing: their first packet (SYN)
 * is dropped, and when their system sends it again, after a second, this socket is gone and another
 * process gets it. Meanwhile handshakes that had begun end and are accepted. Only one that takes
 * longer is reset, and not even that where net.ipv4.tcp_migrate_req is 1.
 */
#include "server/http/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* So that a flood of connections cannot keep the thread from seeing that it should stop. */
enum { ACCEPTS_A_ROUND = 64 };

/* How long a handshake that has begun is waited for, and how often it is looked for. */
enum { HANDSHAKE_MS = 200, HANDSHAKE_LOOK_MS = 10 };

struct listener {
    int fd;
    int stop_fd;
    bool shared; /* the port, with other processes */
    bool running;
    pthread_t thread;
    listener_callback *callback;
    void *context;
};

static bool bind_first(int *out, const struct addrinfo *addresses, bool shared)
{
    for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
        const int on = 1;
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (shared)
            (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0) {
            *out = fd;
            return true;
        }
        int reason = errno;
        close(fd);
        errno = reason;
    }
    return false;
}

/* What else helps when the address is in use. */
static const char *how_to_share(bool tried)
{
    return tried ? ", or start whoever listens there with --reuse-port 1, as the same user"
                 : ", or share it: start each with --reuse-port 1";
}

static bool listen_on(int *out, const char *host, uint16_t port, bool shared, struct error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *addresses = NULL;
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    int failure = getaddrinfo(host, service, &hints, &addresses);
    if (failure != 0)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "cannot listen on '%s': %s; give an address of "
                         "this machine with --host",
                         host, gai_strerror(failure));
    bool bound = bind_first(out, addresses, shared);
    int reason = errno;
    freeaddrinfo(addresses);
    if (!bound)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "cannot listen on %s port %u: %s; choose another "
                         "with --port%s",
                         host, (unsigned)port, strerror(reason),
                         reason == EADDRINUSE ? how_to_share(shared) : "");
    return true;
}

bool listener_adopt(struct listener **out, int fd, struct error *err)
{
    struct listener *l = calloc(1, sizeof *l);
    if (l == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory to listen");
        goto out_close_fd;
    }
    l->fd = fd;
    l->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (l->stop_fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) {
        error_set(err, ERROR_INTERNAL, "cannot make ready to listen: %s", strerror(errno));
        goto out_free;
    }
    *out = l;
    return true;
out_free:
    if (l->stop_fd >= 0)
        close(l->stop_fd);
    free(l);
out_close_fd:
    close(fd);
    return false;
}

bool listener_open(struct listener **out, const char *host, uint16_t port, bool shared,
                   struct error *err)
{
    int fd = -1;
    if (!listen_on(&fd, host, port, shared, err) || !listener_adopt(out, fd, err))
        return false;
    (*out)->shared = shared;
    return true;
}

/* False when nothing is waiting, or nothing more can be taken for now. */
static bool accept_one(struct listener *l)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    int fd = accept4(l->fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        l->callback(fd, (const struct sockaddr *)&address, len, l->context);
        return true;
    }
    if (errno == EINTR || errno == ECONNABORTED)
        return true;
    if (errno != EAGAIN) {
        /* Out of descriptors or memory: the socket stays readable, so wait rather than spin. */
        struct pollfd stop = {.fd = l->stop_fd, .events = POLLIN};
        (void)poll(&stop, 1, 50);
    }
    return false;
}

static void accept_at_most(struct listener *l, int count)
{
    while (count > 0 && accept_one(l))
        count--;
}

/* Lets no connection begin on a listening socket, and says nothing to who tries. */
static void turn_away(int fd)
{
    /* On a TCP socket a filter sees packets from the TCP header on; its flags are byte 13. */
    enum { FLAGS_AT = 13, SYN = 0x02, ACK = 0x10, DROP = 0, WHOLE = 0xffff };
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, DROP),
        BPF_STMT(BPF_RET | BPF_K, WHOLE),
    };
    const struct sock_fprog filter = {.len = sizeof steps / sizeof *steps, .filter = steps};
    /* Where that is not allowed, as many connections are accepted as can be. */
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

static void accept_the_last(struct listener *l)
{
    if (l->shared) {
        turn_away(l->fd);
        for (int ms = 0; ms < HANDSHAKE_MS; ms += HANDSHAKE_LOOK_MS) {
            accept_at_most(l, SOMAXCONN);
            (void)poll(NULL, 0, HANDSHAKE_LOOK_MS);
        }
    }
    accept_at_most(l, SOMAXCONN);
}

static void *accept_until_stopped(void *context)
{
    struct listener *l = context;
    struct pollfd fds[] = {{.fd = l->fd, .events = POLLIN}, {.fd = l->stop_fd, .events = POLLIN}};
    do {
        if (poll(fds, 2, -1) >= 0)
            accept_at_most(l, ACCEPTS_A_ROUND);
    } while ((fds[1].revents & POLLIN) == 0);
    accept_the_last(l);
    return NULL;
}

bool listener_run(struct listener *l, listener_callback *callback, void *context, struct error *err)
{
    l->callback = callback;
    l->context = context;
    int failure = pthread_create(&l->thread, NULL, accept_until_stopped, l);
    if (failure != 0)
        return error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerror(failure));
    l->running = true;
    return true;
}

void listener_address(const struct listener *l, char out[LISTENER_ADDRESS_SIZE])
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    char host[LISTENER_ADDRESS_SIZE - 10] = "?", port[8] = "?";
    if (getsockname(l->fd, (struct sockaddr *)&address, &len) == 0)
        (void)getnameinfo((struct sockaddr *)&address, len, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(out, LISTENER_ADDRESS_SIZE, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
                   host, port);
}

void listener_close(struct listener *l)
{
    if (l == NULL)
        return;
    if (l->running) {
        const uint64_t one = 1;
        ssize_t written = write(l->stop_fd, &one, sizeof one);
        (void)written;
        pthread_join(l->thread, NULL);
    }
    close(l->fd);
    close(l->stop_fd);
    free(l);
}

/*
 * Accepts TCP connections and hands them on.
 *
 * One thread accepts for all loops, so that connections can be dealt out evenly: with a listening
 * socket for each loop the kernel's hash decides, and at 64 connections one loop of two easily gets
 * twice the other's share. Knows nothing of HTTP.
 */
#include "server/http/listener.h"

#include <errno.h>
#include <fcntl.h>
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

struct listener {
    int fd;
    int stop_fd;
    bool running;
    pthread_t thread;
    listener_callback *callback;
    void *context;
};

static bool bind_first(int *out, const struct addrinfo *addresses)
{
    for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
        const int on = 1;
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
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

static bool listen_on(int *out, const char *host, uint16_t port, struct error *err)
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
    bool bound = bind_first(out, addresses);
    int reason = errno;
    freeaddrinfo(addresses);
    if (!bound)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "cannot listen on %s port %u: %s; choose another "
                         "with --port",
                         host, (unsigned)port, strerror(reason));
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

bool listener_open(struct listener **out, const char *host, uint16_t port, struct error *err)
{
    int fd = -1;
    return listen_on(&fd, host, port, err) && listener_adopt(out, fd, err);
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

static void *accept_until_stopped(void *context)
{
    struct listener *l = context;
    struct pollfd fds[] = {{.fd = l->fd, .events = POLLIN}, {.fd = l->stop_fd, .events = POLLIN}};
    do {
        if (poll(fds, 2, -1) < 0)
            continue;
        for (int i = 0; i < ACCEPTS_A_ROUND && accept_one(l); i++)
            ;
    } while ((fds[1].revents & POLLIN) == 0);
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

/*
 * The server as a whole: its loops, and the dealing of connections to them.
 */
#include "server/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/http/limits.h"
#include "server/http/listener.h"
#include "server/http/loop.h"
#include "server/http/tls.h"

struct http_server {
    struct http_options options;
    struct listener *listener;
    struct tls *tls; /* NULL: none */
    struct limits *limits;
    atomic_uint_fast64_t accepted; /* these two are the listener's thread's */
    atomic_uint_fast64_t refused;
    size_t loop_count; /* open ones */
    struct loop loops[];
};

/* Sent by hand: at the limit there is no exchange to answer with. */
static const char at_the_limit[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                   "Retry-After: 1\r\n"
                                   "Connection: close\r\n"
                                   "Content-Length: 0\r\n"
                                   "\r\n";

/* To the loop with the fewest connections. Runs on the listener's thread. */
static void deal(int fd, const struct sockaddr *address, socklen_t len, void *context)
{
    struct http_server *s = context;
    size_t total = 0, fewest = SIZE_MAX;
    atomic_fetch_add_explicit(&s->accepted, 1, memory_order_relaxed);
    struct loop *choice = NULL;
    for (size_t i = 0; i < s->loop_count; i++) {
        size_t n = atomic_load_explicit(&s->loops[i].connections, memory_order_relaxed);
        total += n;
        if (n < fewest) {
            fewest = n;
            choice = &s->loops[i];
        }
    }
    if (total < s->options.connections_max && limits_enter(s->limits, address)) {
        loop_add_connection(choice, fd, address, len);
        return;
    }
    atomic_fetch_add_explicit(&s->refused, 1, memory_order_relaxed);
    if (s->tls == NULL) {
        ssize_t sent = send(fd, at_the_limit, sizeof at_the_limit - 1, MSG_NOSIGNAL);
        (void)sent;
    }
    close(fd);
}

/* Each connection is a descriptor; the usual soft limit of 1024 is there for select(2) alone. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool open_loops(struct http_server *s, struct error *err)
{
    for (; s->loop_count < s->options.loops; s->loop_count++)
        if (!loop_open(&s->loops[s->loop_count], s->options.first_loop + s->loop_count, &s->options,
                       s->tls, s->limits, err))
            return false;
    for (size_t i = 0; i < s->loop_count; i++)
        if (!loop_run(&s->loops[i], err))
            return false;
    return true;
}

bool http_start(struct http_server **out, const struct http_options *options, struct error *err)
{
    struct http_server *s = calloc(1, sizeof *s + options->loops * sizeof s->loops[0]);
    if (s == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the server");
    s->options = *options;
    raise_descriptor_limit();
    if (!(options->listen_fd >= 0 ? listener_adopt(&s->listener, options->listen_fd, err)
                                  : listener_open(&s->listener, options->host, options->port,
                                                  options->reuse_port, err)) ||
        !limits_open(&s->limits, options->bodies_max, options->address_connections_max, err) ||
        (options->tls_cert != NULL &&
         !tls_open(&s->tls, options->tls_cert, options->tls_key, err)) ||
        !open_loops(s, err) || !listener_run(s->listener, deal, s, err)) {
        http_stop(s, 0);
        http_free(s);
        return false;
    }
    *out = s;
    return true;
}

void http_url(const struct http_server *s, char out[HTTP_URL_SIZE])
{
    char address[LISTENER_ADDRESS_SIZE];
    listener_address(s->listener, address);
    (void)snprintf(out, HTTP_URL_SIZE, "%s://%s", s->tls != NULL ? "https" : "http", address);
}

bool http_reload(struct http_server *s, struct error *err)
{
    return s->tls == NULL || tls_reload(s->tls, err);
}

void http_stats(const struct http_server *s, struct http_stats *out)
{
    *out = (struct http_stats){
        .accepted = atomic_load_explicit(&s->accepted, memory_order_relaxed),
        .refused = atomic_load_explicit(&s->refused, memory_order_relaxed),
    };
    for (size_t i = 0; i < s->loop_count; i++) {
        out->connections += atomic_load_explicit(&s->loops[i].connections, memory_order_relaxed);
        out->exchanges += atomic_load_explicit(&s->loops[i].exchanges, memory_order_relaxed);
    }
}

void http_stop(struct http_server *s, unsigned drain_seconds)
{
    if (s == NULL)
        return;
    listener_close(s->listener);
    for (size_t i = 0; i < s->loop_count; i++)
        loop_drain(&s->loops[i], drain_seconds);
    for (size_t i = 0; i < s->loop_count; i++)
        loop_close(&s->loops[i]);
}

void http_free(struct http_server *s)
{
    if (s == NULL)
        return;
    tls_close(s->tls);
    limits_close(s->limits);
    free(s);
}

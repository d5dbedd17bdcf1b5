/*
 * A client that asks once and hangs up.
 *
 * Runs on the caller's thread with a blocking socket; the kernel keeps the time. Knows of HTTP what
 * it takes to read a status line.
 */
#include "server/http/client.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_MAX = 8192 };

struct connection {
    int fd;
    gnutls_session_t session; /* NULL: none */
    gnutls_certificate_credentials_t credentials;
};

static const char *reachable(const char *host)
{
    if (strcmp(host, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(host, "::") == 0 ? "::1" : host;
}

static int connect_first(const struct addrinfo *addresses, unsigned seconds)
{
    const struct timeval patience = {.tv_sec = seconds};
    int reason = ECONNREFUSED;
    for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
            connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            return fd;
        reason = errno;
        if (fd >= 0)
            close(fd);
    }
    errno = reason == EINPROGRESS ? ETIMEDOUT : reason;
    return -1;
}

static bool reach(struct connection *c, const struct http_question *q, struct error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)q->port);
    int failure = getaddrinfo(reachable(q->host), service, &hints, &addresses);
    if (failure != 0)
        return error_set(err, ERROR_NOT_READY, "cannot find %s: %s", q->host,
                         gai_strerror(failure));
    c->fd = connect_first(addresses, q->seconds);
    int reason = errno;
    freeaddrinfo(addresses);
    return c->fd >= 0 || error_set(err, ERROR_NOT_READY, "nothing answers on %s port %u: %s",
                                   q->host, (unsigned)q->port, strerror(reason));
}

static bool secure(struct connection *c, unsigned seconds, struct error *err)
{
    if (gnutls_certificate_allocate_credentials(&c->credentials) < 0 ||
        gnutls_init(&c->session, GNUTLS_CLIENT) < 0)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for TLS");
    int failure = gnutls_set_default_priority(c->session);
    if (failure >= 0)
        failure = gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
    gnutls_transport_set_int(c->session, c->fd);
    gnutls_handshake_set_timeout(c->session, seconds * 1000);
    while (failure >= 0 && (failure = gnutls_handshake(c->session)) < 0 &&
           gnutls_error_is_fatal(failure) == 0)
        failure = 0;
    return failure >= 0 || error_set(err, ERROR_NOT_READY, "the TLS handshake fails: %s",
                                     gnutls_strerror(failure));
}

static ssize_t receive(struct connection *c, char *into, size_t len)
{
    return c->session != NULL ? gnutls_record_recv(c->session, into, len)
                              : recv(c->fd, into, len, 0);
}

static ssize_t send_some(struct connection *c, const char *from, size_t len)
{
    return c->session != NULL ? gnutls_record_send(c->session, from, len)
                              : send(c->fd, from, len, MSG_NOSIGNAL);
}

static bool exchange(struct connection *c, const struct http_question *q, char answer[ANSWER_MAX],
                     struct error *err)
{
    char request[512];
    size_t sent = 0, len = 0;
    ssize_t n = 0;
    const int size = snprintf(request, sizeof request,
                              "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                              q->path);
    while (sent < (size_t)size && (n = send_some(c, request + sent, (size_t)size - sent)) > 0)
        sent += (size_t)n;
    while (sent == (size_t)size && len < ANSWER_MAX - 1 &&
           (n = receive(c, answer + len, ANSWER_MAX - 1 - len)) > 0)
        len += (size_t)n;
    answer[len] = '\0';
    return strstr(answer, "\r\n\r\n") != NULL ||
           error_set(err, ERROR_NOT_READY, "%s port %u does not answer within %u s", q->host,
                     (unsigned)q->port, q->seconds);
}

static bool understand(struct http_finding *out, const char *answer, struct error *err)
{
    /* NOLINTNEXTLINE(cert-err34-c): three digits fit */
    if (sscanf(answer, "HTTP/1.%*1[01] %3d", &out->status) != 1)
        return error_set(err, ERROR_NOT_READY, "what answers does not speak HTTP");
    const char *body = strstr(answer, "\r\n\r\n") + 4;
    (void)snprintf(out->text, sizeof out->text, "%.*s", (int)strcspn(body, "\r\n"), body);
    return true;
}

static void hang_up(struct connection *c)
{
    if (c->session != NULL)
        gnutls_deinit(c->session);
    if (c->credentials != NULL)
        gnutls_certificate_free_credentials(c->credentials);
    if (c->fd >= 0)
        close(c->fd);
}

bool http_ask(struct http_finding *out, const struct http_question *q, struct error *err)
{
    struct connection c = {.fd = -1};
    char answer[ANSWER_MAX];
    bool asked = reach(&c, q, err) && (!q->tls || secure(&c, q->seconds, err)) &&
                 exchange(&c, q, answer, err);
    hang_up(&c);
    return asked && understand(out, answer, err);
}

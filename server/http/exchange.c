/*
 * Exchanges: a request is gathered, checked and handed over; its reply is queued.
 *
 * Runs on the exchange's loop. A body that arrives in one
 * piece, which nearly all do, is handed over where libmicrohttpd has read it; only one in several
 * pieces is gathered in memory of its own. An exchange that has no reply when its handler returns
 * is simply asked for again on the loop's next turn; http_defer suspends the connection instead,
 * for replies that take longer than that. Knows nothing of routes, JSON or digits.
 */
#include "server/http/exchange.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/http/framing.h"
#include "server/http/loop.h"

enum {
    /* A refused body up to this size is read and dropped, so that the client gets to see the
     * answer; past it the connection is closed under the client's hands. */
    DISCARD_MAX = 16 * 1024 * 1024,
};

static bool check_length(const struct http_exchange *ex, size_t len, struct error *err)
{
    size_t max = ex->loop->options->body_max;
    if (len <= max)
        return true;
    return error_set(err, ERROR_BODY_TOO_LARGE, "the body is larger than %zu bytes", max);
}

/* RFC 9112, section 3.2. In its absolute form a target names a host again, which nothing here depends
 * on. */
static bool check_target(struct http_exchange *ex, struct error *err)
{
    static const char scheme[] = "http://";
    if (strncmp(ex->path, scheme, sizeof scheme - 1) == 0) {
        const char *path = strchr(ex->path + sizeof scheme - 1, '/');
        ex->path = path != NULL ? path : "/";
    }
    return ex->path[0] == '/' || strcmp(ex->path, "*") == 0 ||
           error_set(err, ERROR_BAD_REQUEST, "the target is no path; it begins with a slash and "
                                             "holds no space or control byte");
}

/* What comes after a body of another length than was declared is no request of this client's. */
static bool has_declared_len(const struct http_exchange *ex)
{
    return ex->declared_len == SIZE_MAX || ex->body_len == ex->declared_len;
}

static void refuse(struct http_exchange *ex)
{
    const struct http_callbacks *c = &ex->loop->options->callbacks;
    ex->state = EXCHANGE_HANDLING;
    c->refuse(ex, c->context, &ex->refusal);
}

/* Decides on the headers alone. What is refused here is answered at once when no body follows, or
 * when the client waits for our word before it sends one, or would send more than we drop. */
static void admit(struct http_exchange *ex, const char *version)
{
    const struct http_callbacks *c = &ex->loop->options->callbacks;
    struct framing f;
    framing_read(&f, ex->connection);
    if (!check_target(ex, &ex->refusal) || !framing_check(&f, version, &ex->refusal)) {
        ex->close = true;
        refuse(ex);
        return;
    }
    ex->declared_len = f.lengths == 1 ? f.length : SIZE_MAX;
    ex->handler = c->admit(ex, c->context, &ex->refusal);
    if (ex->handler != NULL && check_length(ex, f.length, &ex->refusal))
        return;
    ex->state = EXCHANGE_REFUSED;
    if (f.length > DISCARD_MAX || f.continues) {
        ex->close = true;
        refuse(ex);
    }
}

static void handle(struct http_exchange *ex, const char *body, size_t len)
{
    ex->state = EXCHANGE_HANDLING;
    ex->body = body;
    ex->body_len = len;
    ex->handler(ex, ex->loop->options->callbacks.context);
}

static bool gather(struct http_exchange *ex, const char *piece, size_t len)
{
    if (len > ex->body_room - ex->body_len) {
        size_t room = 2 * ex->body_room + len;
        char *bigger = realloc(ex->gathered, room);
        if (bigger == NULL)
            return error_set(&ex->refusal, ERROR_OUT_OF_MEMORY, "no memory for the body");
        ex->gathered = bigger;
        ex->body_room = room;
    }
    memcpy(ex->gathered + ex->body_len, piece, len);
    ex->body_len += len;
    return true;
}

/* Whether the client has closed its side, and all that it sent has been read. libmicrohttpd hears of
 * each event once; where the end came together with a part of the body, it would wait for the rest
 * until the connection has been idle for too long. */
static bool has_left(const struct http_exchange *ex)
{
    char byte;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(ex->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL && recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* A piece of the body. False: the connection is to be closed. */
static bool receive(struct http_exchange *ex, const char *piece, size_t len)
{
    if (ex->state == EXCHANGE_REFUSED) {
        ex->body_len += len;
        return ex->body_len <= DISCARD_MAX;
    }
    if (len == ex->declared_len) {
        handle(ex, piece, len);
        return true;
    }
    if (!check_length(ex, ex->body_len + len, &ex->refusal) || !gather(ex, piece, len))
        ex->state = EXCHANGE_REFUSED;
    return ex->declared_len == SIZE_MAX || ex->body_len >= ex->declared_len || !has_left(ex);
}

/* The body is there. Answers when the answer is known. False: close. */
static bool conclude(struct http_exchange *ex)
{
    const bool open = ex->state == EXCHANGE_READING || ex->state == EXCHANGE_REFUSED;
    if (open && !has_declared_len(ex)) {
        ex->close = true;
        ex->state = EXCHANGE_REFUSED;
        error_set(&ex->refusal, ERROR_BAD_REQUEST,
                  "the library read another length than the Content-Length says");
    }
    if (ex->state == EXCHANGE_READING)
        handle(ex, ex->gathered, ex->body_len);
    else if (ex->state == EXCHANGE_REFUSED)
        refuse(ex);
    if (ex->state != EXCHANGE_REPLIED)
        return true;
    if (ex->response == NULL)
        return false;
    enum MHD_Result queued = MHD_queue_response(ex->connection, (unsigned)ex->status, ex->response);
    MHD_destroy_response(ex->response);
    ex->response = NULL;
    return queued == MHD_YES;
}

/* One thread writes it, so there is no need for an atomic addition. */
static void count_exchange(struct loop *loop, bool begins)
{
    size_t count = atomic_load_explicit(&loop->exchanges, memory_order_relaxed);
    atomic_store_explicit(&loop->exchanges, begins ? count + 1 : count - 1, memory_order_relaxed);
}

/* Whether the connection is to end with this request. */
static bool is_last(const struct loop *loop, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct peer *peer = info != NULL ? info->socket_context : NULL;
    return peer != NULL && ++peer->requests == loop->options->requests_max;
}

static struct http_exchange *begin(struct loop *loop, struct MHD_Connection *connection,
                                   const char *path, const char *method, const char *version)
{
    struct http_exchange *ex = calloc(1, sizeof *ex + loop->options->notes_len);
    if (ex == NULL)
        return NULL;
    ex->loop = loop;
    ex->began_ns = loop->turn_ns;
    ex->connection = connection;
    ex->path = path;
    ex->method = method;
    ex->close = is_last(loop, connection);
    count_exchange(loop, true);
    admit(ex, version);
    return ex;
}

/* libmicrohttpd's one callback: once for the headers, once for each piece of the body, and with no
 * piece once the body is there, again each turn until a response is queued. */
enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *version,
                                    const char *piece, size_t *piece_len, void **slot)
{
    struct loop *loop = context;
    struct http_exchange *ex = *slot;
    if (ex == NULL) {
        *slot = ex = begin(loop, connection, path, method, version);
        if (ex == NULL)
            return MHD_NO;
        return ex->state == EXCHANGE_REPLIED && !conclude(ex) ? MHD_NO : MHD_YES;
    }
    if (*piece_len == 0)
        return conclude(ex) ? MHD_YES : MHD_NO;
    bool received = receive(ex, piece, *piece_len);
    *piece_len = 0;
    return received ? MHD_YES : MHD_NO;
}

static void report(struct http_exchange *ex, bool complete)
{
    const struct http_callbacks *c = &ex->loop->options->callbacks;
    if (c->ended == NULL)
        return;
    const struct http_outcome outcome = {
        .status = complete ? ex->status : 0,
        .request_len = ex->body_len,
        .response_len = ex->reply_len,
        .duration_ns = loop_now_ns() - ex->began_ns,
    };
    c->ended(ex, c->context, &outcome);
}

void exchange_on_end(void *context, struct MHD_Connection *connection, void **slot,
                     enum MHD_RequestTerminationCode code)
{
    struct loop *loop = context;
    struct http_exchange *ex = *slot;
    (void)connection;
    if (ex == NULL)
        return;
    *slot = NULL;
    report(ex, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    count_exchange(loop, false);
    if (ex->response != NULL)
        MHD_destroy_response(ex->response);
    free(ex->gathered);
    free(ex);
}

const char *http_method(const struct http_exchange *ex)
{
    return ex->method;
}

const char *http_path(const struct http_exchange *ex)
{
    return ex->path;
}

const char *http_header(const struct http_exchange *ex, const char *name)
{
    return MHD_lookup_connection_value(ex->connection, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_exchange *ex, const char *name)
{
    return MHD_lookup_connection_value(ex->connection, MHD_GET_ARGUMENT_KIND, name);
}

void http_client(const struct http_exchange *ex, char out[HTTP_CLIENT_SIZE])
{
    char host[HTTP_CLIENT_SIZE - 8] = "?", port[8] = "?";
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(ex->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info != NULL ? info->client_addr : NULL;
    const bool v6 = a != NULL && a->sa_family == AF_INET6;
    if (a != NULL)
        (void)getnameinfo(a, v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in), host,
                          sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(out, HTTP_CLIENT_SIZE, v6 ? "[%s]:%s" : "%s:%s", host, port);
}

const char *http_body(const struct http_exchange *ex, size_t *len)
{
    *len = ex->body_len;
    return ex->body;
}

void *http_notes(struct http_exchange *ex)
{
    return ex->notes;
}

size_t http_loop(const struct http_exchange *ex)
{
    return ex->loop->index;
}

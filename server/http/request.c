/*
 * What handlers may ask of a request, and remember of it. On the exchange's loop, or by whoever may
 * reply.
 */
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>

#include "server/http/exchange.h"
#include "server/http/loop.h"
#include "server/http/peer.h"

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
    const struct peer *p = ex->peer;
    const bool v6 = p->address.ss_family == AF_INET6;
    (void)getnameinfo((const struct sockaddr *)&p->address, p->address_len, host, sizeof host, port,
                      sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
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

void http_may_wait(struct http_exchange *ex, int64_t patience_ns)
{
    ex->patience_ns = ex->loop->pace.turn_ns + patience_ns;
}

int64_t http_waited_ns(const struct http_exchange *ex)
{
    return ex->waited_ns;
}

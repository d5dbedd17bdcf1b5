/*
 * Replies: on the exchange's loop, or after http_defer on any thread, which then reaches the loop
 * through its mailbox.
 */
#include <assert.h>
#include <stdlib.h>

#include "server/http/exchange.h"
#include "server/http/loop.h"

void http_defer(struct http_exchange *ex)
{
    assert(ex->state == EXCHANGE_HANDLING);
    ex->state = EXCHANGE_DEFERRED;
    ex->loop->deferred++;
    MHD_suspend_connection(ex->connection);
}

void http_reply_header(struct http_exchange *ex, const char *name, const char *value)
{
    assert(ex->header_count < REPLY_HEADERS_MAX);
    ex->headers[ex->header_count++] = (struct reply_header){name, value};
}

static bool add_headers(struct http_exchange *ex, struct MHD_Response *response, const char *type)
{
    if (atomic_load_explicit(&ex->loop->draining, memory_order_relaxed))
        ex->close = true;
    if (ex->close)
        http_reply_header(ex, MHD_HTTP_HEADER_CONNECTION, "close");
    if (type != NULL)
        http_reply_header(ex, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    for (size_t i = 0; i < ex->header_count; i++)
        if (MHD_add_response_header(response, ex->headers[i].name, ex->headers[i].value) != MHD_YES)
            return false;
    return true;
}

static void reply(struct http_exchange *ex, int status, const char *type,
                  struct MHD_Response *response)
{
    assert(ex->state == EXCHANGE_HANDLING || ex->state == EXCHANGE_DEFERRED);
    if (response != NULL && !add_headers(ex, response, type)) {
        MHD_destroy_response(response);
        response = NULL;
    }
    ex->status = status;
    ex->response = response;
    if (ex->state == EXCHANGE_HANDLING)
        ex->state = EXCHANGE_REPLIED;
    else
        loop_post_reply(ex->loop, ex);
}

void http_reply(struct http_exchange *ex, int status, const char *type, char *body, size_t len)
{
    struct MHD_Response *response = NULL;
    ex->reply_len = len;
    if (body != NULL)
        response = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(body);
    reply(ex, status, type, response);
}

void http_reply_static(struct http_exchange *ex, int status, const char *type, const char *body,
                       size_t len)
{
    /* The library takes a pointer to non-const and does not write through it in this mode. */
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): it is the only way that no warning minds */
    char *lent = (char *)(uintptr_t)body;
    ex->reply_len = len;
    reply(ex, status, type, MHD_create_response_from_buffer(len, lent, MHD_RESPMEM_PERSISTENT));
}

struct http_exchange *exchange_link(struct http_exchange *ex, struct http_exchange *list)
{
    ex->next = list;
    return ex;
}

size_t exchange_resume_all(struct http_exchange *list)
{
    size_t count = 0;
    for (struct http_exchange *ex = list; ex != NULL; ex = ex->next) {
        ex->state = EXCHANGE_REPLIED;
        MHD_resume_connection(ex->connection);
        count++;
    }
    return count;
}

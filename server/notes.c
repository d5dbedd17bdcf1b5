/*
 * The beginning and the end of every request: who asks, and what came of it, for the counters and
 * the log. Runs on the exchange's loop; notes_tell_timing wherever the prediction ends.
 */
#include "server/notes.h"

#include <inttypes.h>
#include <stdio.h>

#include "server/log.h"
#include "server/service.h"

struct notes *notes_of(struct http_exchange *ex)
{
    return http_notes(ex);
}

/* ---- the beginning ---- */

/* Without a log an id of our own would lead nowhere. */
static void identify(struct http_exchange *ex, struct notes *n, bool logged)
{
    const char *given = http_header(ex, "X-Request-Id");
    if (given != NULL && trace_takes_request_id(given)) {
        n->request_id = given;
    } else if (logged) {
        trace_new_span(n->own_id);
        n->request_id = n->own_id;
    } else {
        return;
    }
    http_reply_header(ex, "X-Request-Id", n->request_id);
}

/* We are a span of the client's trace, and its span is our parent. */
static void follow_trace(struct http_exchange *ex, struct notes *n)
{
    struct trace trace;
    const char *given = http_header(ex, "traceparent");
    if (given == NULL || !trace_read(&trace, given))
        return;
    (void)snprintf(n->parent, sizeof n->parent, "%s", trace.span);
    trace_new_span(trace.span);
    trace_write(n->traceparent, &trace);
    http_reply_header(ex, "traceparent", n->traceparent);
}

void notes_begin(struct http_exchange *ex, const struct service *s)
{
    struct notes *n = notes_of(ex);
    n->timed = s->server_timing;
    identify(ex, n, s->access_log);
    follow_trace(ex, n);
}

/* ---- the end ---- */

void notes_tell_timing(struct http_exchange *ex)
{
    struct notes *n = notes_of(ex);
    if (!n->timed)
        return;
    const int64_t us[] = {n->decode_ns / 1000, n->queue_ns / 1000, n->compute_ns / 1000};
    (void)snprintf(n->timing, sizeof n->timing,
                   "decode;dur=%" PRId64 ".%03" PRId64 ", queue;dur=%" PRId64 ".%03" PRId64
                   ", compute;dur=%" PRId64 ".%03" PRId64,
                   us[0] / 1000, us[0] % 1000, us[1] / 1000, us[1] % 1000, us[2] / 1000,
                   us[2] % 1000);
    http_reply_header(ex, "Server-Timing", n->timing);
}

static void count(const struct service *s, size_t lane, const struct notes *n,
                  const struct http_outcome *outcome)
{
    const struct metrics_request request = {
        .route = n->route,
        .status = outcome->status,
        .error = n->error,
        .request_len = outcome->request_len,
        .response_len = outcome->response_len,
        .duration_ns = outcome->duration_ns,
        .decode_ns = n->decode_ns,
        .queue_ns = n->queue_ns,
        .digits = n->predicted ? n->digits : NULL,
    };
    metrics_count_request(s->metrics, lane, &request);
}

static void log_request(const struct http_exchange *ex, const struct notes *n,
                        const struct http_outcome *outcome)
{
    char client[HTTP_CLIENT_SIZE];
    struct text t = {0};
    http_client(ex, client);
    log_begin(&t, LOG_INFO, "request");
    log_field(&t, "client", client);
    log_field(&t, "method", http_method(ex));
    log_field(&t, "path", http_path(ex));
    log_integer(&t, "status", (size_t)outcome->status);
    log_integer(&t, "request_bytes", outcome->request_len);
    log_integer(&t, "response_bytes", outcome->response_len);
    log_seconds(&t, "duration_seconds", outcome->duration_ns);
    if (n->predicted) {
        log_seconds(&t, "decode_seconds", n->decode_ns);
        log_seconds(&t, "queue_seconds", n->queue_ns);
        log_seconds(&t, "compute_seconds", n->compute_ns);
    }
    if (n->key[0] != '\0')
        log_field(&t, "key", n->key);
    if (n->error != ERROR_NONE)
        log_field(&t, "error", error_name(n->error));
    if (n->request_id != NULL)
        log_field(&t, "request_id", n->request_id);
    struct trace trace;
    if (trace_read(&trace, n->traceparent)) {
        log_field(&t, "trace_id", trace.id);
        log_field(&t, "span_id", trace.span);
        log_field(&t, "parent_span_id", n->parent);
    }
    log_end(&t);
}

void notes_end(struct http_exchange *ex, void *context, const struct http_outcome *outcome)
{
    const struct service *s = context;
    const struct notes *n = notes_of(ex);
    count(s, http_loop(ex), n, outcome);
    if (s->access_log)
        log_request(ex, n, outcome);
}

/*
 * The end of every request: it is counted. Runs on the exchange's loop.
 */
#include "server/notes.h"

#include "server/service.h"

struct notes *notes_of(struct http_exchange *ex)
{
    return http_notes(ex);
}

void notes_end(struct http_exchange *ex, void *context, const struct http_outcome *outcome)
{
    const struct service *s = context;
    const struct notes *n = notes_of(ex);
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
    metrics_count_request(s->metrics, http_loop(ex), &request);
}

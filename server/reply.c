/*
 * Sends what is ready. Runs on the exchange's loop.
 */
#include "server/reply.h"

#include <stdlib.h>
#include <string.h>

#include "server/problem.h"

/* Sends a copy: another model may be served before the client has read it all. */
void reply_served(struct http_exchange *ex, const struct service *s, enum served_document id)
{
    const size_t loop = http_loop(ex);
    const struct served *now = models_hold(s->models, loop);
    const struct document *d = &now->documents[id];
    const int status = d->status;
    const char *type = d->type; /* a constant */
    const size_t len = d->len;
    char *copy = malloc(len);
    if (copy != NULL)
        memcpy(copy, d->body, len);
    models_release(s->models, loop);
    if (status == 503)
        problem_retry(ex);
    http_reply(ex, status, type, copy, len);
}

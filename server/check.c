/*
 * Asks another digitd how it is. Runs in main, in a process that serves nothing itself.
 */
#include "server/check.h"

#include "server/http/client.h"

enum { PATIENCE_SECONDS = 2 };

bool check_ready(const struct options *o, struct error *err)
{
    const bool admin = o->admin_port != OPTIONS_ADMIN_NONE;
    const struct http_question question = {
        .host = o->host,
        .port = (uint16_t)(admin ? o->admin_port : o->port),
        .tls = !admin && o->tls_cert != NULL,
        .path = "/readyz",
        .seconds = PATIENCE_SECONDS,
    };
    struct http_finding found;
    return http_ask(&found, &question, err) &&
           (found.status == 200 ||
            error_set(err, ERROR_NOT_READY, "not ready: %d %s", found.status, found.text));
}

/*
 * The table of routes. Runs on the exchange's loop. Knows no step of a prediction.
 */
#include "server/routes.h"

#include <stdlib.h>
#include <string.h>

#include "server/notes.h"
#include "server/predict.h"
#include "server/problem.h"
#include "server/scrape.h"
#include "server/service.h"
#include "server/site.h"

struct route {
    const char *path;
    const char *allow; /* the methods it takes, as the Allow field has them */
    http_handler *handler;
    bool (*admit)(const struct http_exchange *ex, struct error *err); /* may be NULL */
    int document; /* an enum document_id, or an enum served_document */
};

static http_handler send_document, send_served;

static const char get[] = "GET, HEAD, OPTIONS";

static const struct route routes[] = {
    {"/predict", "POST, OPTIONS", predict_handle, predict_admit, 0},
    {"/health", get, send_served, NULL, SERVED_HEALTH},
    {"/livez", get, send_document, NULL, DOCUMENT_LIVEZ},
    {"/readyz", get, send_served, NULL, SERVED_READYZ},
    {"/model", get, send_served, NULL, SERVED_MODEL},
    {"/version", get, send_document, NULL, DOCUMENT_VERSION},
    {"/problems", get, send_document, NULL, DOCUMENT_PROBLEMS},
    {"/openapi.yaml", get, send_document, NULL, DOCUMENT_OPENAPI_YAML},
    {"/openapi.json", get, send_document, NULL, DOCUMENT_OPENAPI_JSON},
    {"/metrics", get, scrape_handle, NULL, 0},
    {"site", get, site_send, NULL, 0}, /* the last: whatever site.c has, which no document names */
};

enum { ROUTES = sizeof routes / sizeof *routes };

/* Of an exchange that was admitted. */
static const struct route *route_of(struct http_exchange *ex)
{
    return &routes[notes_of(ex)->route - 1];
}

size_t routes_count(void)
{
    return ROUTES + 1;
}

const char *routes_name(size_t index)
{
    return index == 0 ? "other" : routes[index - 1].path;
}

static const struct route *find(const char *path)
{
    for (size_t i = 0; i < ROUTES; i++)
        if (strcmp(routes[i].path, path) == 0)
            return &routes[i];
    return site_has(path) ? &routes[ROUTES - 1] : NULL;
}

static bool takes(const struct route *route, const char *method)
{
    const size_t len = strlen(method);
    for (const char *m = route->allow; m != NULL; m = strchr(m, ',')) {
        m += strspn(m, ", ");
        if (strncmp(m, method, len) == 0 && (m[len] == ',' || m[len] == '\0'))
            return true;
    }
    return false;
}

static void send_document(struct http_exchange *ex, void *context)
{
    const struct service *s = context;
    const struct document *d = &s->documents[route_of(ex)->document];
    http_reply_static(ex, d->status, d->type, d->body, d->len);
}

/* Sends a copy: another model may be served before the client has read it all. */
static void send_served(struct http_exchange *ex, void *context)
{
    const struct service *s = context;
    const size_t loop = http_loop(ex);
    const struct served *now = models_hold(s->models, loop);
    const struct document *d = &now->documents[route_of(ex)->document];
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

static void send_options(struct http_exchange *ex, void *context)
{
    (void)context;
    http_reply_header(ex, "Allow", route_of(ex)->allow);
    http_reply_static(ex, 204, NULL, "", 0);
}

http_handler *routes_admit(struct http_exchange *ex, void *context, struct error *err)
{
    const struct route *route = find(http_path(ex));
    const char *method = http_method(ex);
    notes_begin(ex, context);
    if (route == NULL) {
        error_set(err, ERROR_NOT_FOUND, "there is nothing at %s; see /openapi.yaml", http_path(ex));
        return NULL;
    }
    notes_of(ex)->route = (size_t)(route - routes) + 1;
    if (!takes(route, method)) {
        http_reply_header(ex, "Allow", route->allow);
        error_set(err, ERROR_METHOD_NOT_ALLOWED, "%s does not take %s; it takes %s",
                  http_path(ex), method, route->allow);
        return NULL;
    }
    if (strcmp(method, "OPTIONS") == 0)
        return send_options;
    return route->admit != NULL && !route->admit(ex, err) ? NULL : route->handler;
}

void routes_refuse(struct http_exchange *ex, void *context, const struct error *err)
{
    (void)context;
    problem_reply(ex, err);
}

/*
 * The table of routes. Runs on the exchange's loop. Knows no step of a prediction.
 */
#include "server/routes.h"

#include <string.h>

#include "server/admission.h"
#include "server/content.h"
#include "server/cors.h"
#include "server/guard.h"
#include "server/notes.h"
#include "server/path.h"
#include "server/predict.h"
#include "server/problem.h"
#include "server/reply.h"
#include "server/repository.h"
#include "server/scrape.h"
#include "server/service.h"
#include "server/site.h"

/* Whom a route answers where keys are asked for: their holders only, or all; and whether the
 * operators' port has it, where all are answered. */
enum access { FOR_KEYS = 0, FOR_ALL = 1, FOR_OPERATORS = 2 };

struct route {
    const char *path;  /* a pattern, see server/path.h; the first that fits counts. {model} and
                        * {version} must be the ones that are served */
    const char *allow; /* the methods it takes, as the Allow field has them */
    http_handler *handler;
    bool (*admit)(const struct http_exchange *ex,
                  struct error *err); /* of what computes; or NULL */
    int document;                     /* an enum document_id, or an enum served_document */
    unsigned access;                  /* of enum access */
};

static http_handler send_document, send_served;

static const char get[] = "GET, HEAD, OPTIONS", post[] = "POST, OPTIONS";

static const struct route routes[] = {
    {"/predict", post, predict_handle, content_admit, 0, FOR_KEYS},
    {"/health", get, send_served, NULL, SERVED_HEALTH, FOR_ALL | FOR_OPERATORS},
    {"/livez", get, send_document, NULL, DOCUMENT_LIVEZ, FOR_ALL | FOR_OPERATORS},
    {"/readyz", get, send_served, NULL, SERVED_READYZ, FOR_ALL | FOR_OPERATORS},
    {"/model", get, send_served, NULL, SERVED_MODEL, FOR_KEYS},
    {"/v2/models/{model}/infer", post, predict_handle_v2, content_admit_json, 0, FOR_KEYS},
    {"/v2/models/{model}/versions/{version}/infer", post, predict_handle_v2, content_admit_json, 0,
     FOR_KEYS},
    {"/v2/models/{model}/ready", get, send_served, NULL, SERVED_V2_MODEL_READY, FOR_KEYS},
    {"/v2/models/{model}/versions/{version}/ready", get, send_served, NULL, SERVED_V2_MODEL_READY,
     FOR_KEYS},
    {"/v2/models/{model}", get, send_served, NULL, SERVED_V2_MODEL, FOR_KEYS},
    {"/v2/models/{model}/versions/{version}", get, send_served, NULL, SERVED_V2_MODEL, FOR_KEYS},
    {"/v2", get, send_document, NULL, DOCUMENT_V2, FOR_ALL},
    {"/v2/health/live", get, send_document, NULL, DOCUMENT_V2_LIVE, FOR_ALL},
    {"/v2/health/ready", get, send_served, NULL, SERVED_V2_READY, FOR_ALL},
    {"/v2/repository/index", post, repository_index, NULL, 0, FOR_KEYS},
    {"/v2/repository/models/{model}/load", post, repository_load, NULL, 0, FOR_KEYS},
    {"/v2/repository/models/{model}/unload", post, repository_unload, NULL, 0, FOR_KEYS},
    {"/v1/models/{model}:predict", post, predict_handle_v1, content_admit_json, 0, FOR_KEYS},
    {"/v1/models", get, send_served, NULL, SERVED_V1_MODELS, FOR_KEYS},
    {"/v1/models/{model}", get, send_served, NULL, SERVED_V1_MODEL, FOR_KEYS},
    {"/version", get, send_document, NULL, DOCUMENT_VERSION, FOR_ALL},
    {"/problems", get, send_document, NULL, DOCUMENT_PROBLEMS, FOR_ALL},
    {"/openapi.yaml", get, site_send, NULL, 0, FOR_ALL},
    {"/openapi.json", get, site_send, NULL, 0, FOR_ALL},
    {"/metrics", get, scrape_handle, NULL, 0, FOR_OPERATORS},
    /* The last: whatever else site.c has, which no document names. */
    {"site", get, site_send, NULL, 0, FOR_ALL},
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

static const struct route *find(const char *path, struct path_part parts[PATH_PARTS_MAX])
{
    for (size_t i = 0; i < ROUTES; i++)
        if (path_match(routes[i].path, path, parts))
            return &routes[i];
    return site_has(path) ? &routes[ROUTES - 1] : NULL;
}

/* Whether the model and the version that the path names, if it does, are the ones that are served;
 * while there was none yet, they may be. */
static bool check_model(const struct served *now, const struct path_part parts[PATH_PARTS_MAX],
                        struct error *err)
{
    if (now->name[0] == '\0')
        return true;
    if (!path_part_is(&parts[0], now->name))
        return error_set(err, ERROR_NOT_FOUND, "there is no model '%.*s' here; there is '%s'",
                         (int)(parts[0].len < 60 ? parts[0].len : 60), parts[0].text, now->name);
    if (parts[1].text == NULL || now->generation == NULL)
        return true;
    const char *version = now->generation->model.version;
    return path_part_is(&parts[1], version) ||
           error_set(err, ERROR_NOT_FOUND, "there is no version '%.*s' of %s here; there is '%s'",
                     (int)(parts[1].len < 60 ? parts[1].len : 60), parts[1].text, now->name,
                     version);
}

static bool is_served(const struct service *s, size_t loop,
                      const struct path_part parts[PATH_PARTS_MAX], struct error *err)
{
    if (parts[0].text == NULL)
        return true;
    const bool good = check_model(models_hold(s->models, loop), parts, err);
    models_release(s->models, loop);
    return good;
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

static void send_served(struct http_exchange *ex, void *context)
{
    reply_served(ex, context, (enum served_document)route_of(ex)->document);
}

static void send_options(struct http_exchange *ex, void *context)
{
    const struct service *s = context;
    http_reply_header(ex, "Allow", route_of(ex)->allow);
    cors_preflight(ex, s->cors_origins, route_of(ex)->allow);
    http_reply_static(ex, 204, NULL, "", 0);
}

/* RFC 9110, section 9.3.7: what the server can do at all. */
static void send_options_of_all(struct http_exchange *ex, void *context)
{
    (void)context;
    http_reply_header(ex, "Allow", "GET, HEAD, POST, OPTIONS");
    http_reply_static(ex, 204, NULL, "", 0);
}

/* The route of a request, which takes its method. */
static const struct route *find_route(struct http_exchange *ex, const struct service *s,
                                      struct path_part parts[PATH_PARTS_MAX], struct error *err)
{
    const struct route *route = find(http_path(ex), parts);
    const char *method = http_method(ex);
    notes_begin(ex, s);
    if (route == NULL) {
        error_set(err, ERROR_NOT_FOUND, "there is nothing at %s; see /openapi.yaml", http_path(ex));
        return NULL;
    }
    notes_of(ex)->route = (size_t)(route - routes) + 1;
    if (!takes(route, method)) {
        http_reply_header(ex, "Allow", route->allow);
        error_set(err, ERROR_METHOD_NOT_ALLOWED, "%s does not take %s; it takes %s", http_path(ex),
                  method, route->allow);
        return NULL;
    }
    return route;
}

http_handler *routes_admit(struct http_exchange *ex, void *context, struct error *err)
{
    const struct service *s = context;
    struct path_part parts[PATH_PARTS_MAX];
    cors_admit(ex, s->cors_origins);
    if (strcmp(http_path(ex), "*") == 0) {
        notes_begin(ex, s);
        return send_options_of_all;
    }
    const struct route *route = find_route(ex, s, parts, err);
    if (route == NULL)
        return NULL;
    if (strcmp(http_method(ex), "OPTIONS") == 0)
        return send_options; /* to all, for browsers ask it without the key */
    if ((route->access & FOR_ALL) == 0 && !guard_admits(ex, s, err))
        return NULL;
    if (!is_served(s, http_loop(ex), parts, err))
        return NULL;
    if (route->admit != NULL && !(route->admit(ex, err) && admission_admit(ex, s, err)))
        return NULL;
    return route->handler;
}

http_handler *routes_admit_operator(struct http_exchange *ex, void *context, struct error *err)
{
    struct path_part parts[PATH_PARTS_MAX];
    const struct route *route = find_route(ex, context, parts, err);
    if (route != NULL && (route->access & FOR_OPERATORS) != 0)
        return strcmp(http_method(ex), "OPTIONS") == 0 ? send_options : route->handler;
    error_set(
        err, ERROR_NOT_FOUND,
        "there is nothing at %s of this port; there are /livez, /readyz, /health and /metrics",
        http_path(ex));
    return NULL;
}

void routes_refuse(struct http_exchange *ex, void *context, const struct error *err)
{
    (void)context;
    problem_reply(ex, err);
}

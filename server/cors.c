/*
 * CORS. Runs on the exchange's loop; no state. Answers vary by origin only where there is a list,
 * and then all of them do, so that a cache does not give one origin's answer to another.
 */
#include "server/cors.h"

#include <string.h>

static const char exposed[] = "Retry-After, Server-Timing, X-Request-Id, traceparent, "
                              "Inference-Header-Content-Length";
static const char fields[] = "Authorization, Content-Type, Inference-Header-Content-Length, "
                             "X-API-Key, X-Request-Id, traceparent, tracestate";
static const char seconds_kept[] = "7200";

/* The first item of a list, without spaces around it; moves on. */
static const char *next_item(const char **list, size_t *len)
{
    const char *item = *list + strspn(*list, " ,");
    size_t whole = strcspn(item, ",");
    *list = item + whole;
    while (whole > 0 && item[whole - 1] == ' ')
        whole--;
    *len = whole;
    return item;
}

static bool is_any(const char *origins)
{
    return strcmp(origins, "*") == 0;
}

/* As browsers write an origin: no path, not even a slash. */
static bool is_origin(const char *item, size_t len)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const size_t scheme = strlen(schemes[i]);
        if (len > scheme && strncmp(item, schemes[i], scheme) == 0)
            return strcspn(item + scheme, "/?# *,") == len - scheme;
    }
    return false;
}

bool cors_check(const char *origins, struct error *err)
{
    const char *rest = origins;
    size_t len = 0, count = 0;
    if (is_any(origins))
        return true;
    for (const char *item = next_item(&rest, &len); len > 0; item = next_item(&rest, &len)) {
        if (!is_origin(item, len))
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "--cors-origins: '%.*s' is no origin; write http[s]://HOST[:PORT],... "
                             "or *",
                             (int)len, item);
        count++;
    }
    return count > 0 || error_set(err, ERROR_BAD_ARGUMENT, "--cors-origins: there is no origin");
}

static bool has(const char *origins, const char *origin)
{
    size_t len = 0;
    for (const char *item = next_item(&origins, &len); len > 0; item = next_item(&origins, &len))
        if (strlen(origin) == len && strncmp(item, origin, len) == 0)
            return true;
    return false;
}

/* What Access-Control-Allow-Origin is to say; NULL: nothing. */
static const char *allowed(const struct http_exchange *ex, const char *origins)
{
    const char *origin = origins != NULL ? http_header(ex, "Origin") : NULL;
    if (origin == NULL)
        return NULL;
    return is_any(origins) ? "*" : has(origins, origin) ? origin : NULL;
}

void cors_admit(struct http_exchange *ex, const char *origins)
{
    if (origins == NULL)
        return;
    if (!is_any(origins))
        http_reply_header(ex, "Vary", "Origin");
    const char *origin = allowed(ex, origins);
    if (origin == NULL)
        return;
    http_reply_header(ex, "Access-Control-Allow-Origin", origin);
    http_reply_header(ex, "Access-Control-Expose-Headers", exposed);
    http_reply_header(ex, "Timing-Allow-Origin", origin);
}

void cors_preflight(struct http_exchange *ex, const char *origins, const char *methods)
{
    if (allowed(ex, origins) == NULL || http_header(ex, "Access-Control-Request-Method") == NULL)
        return;
    http_reply_header(ex, "Access-Control-Allow-Methods", methods);
    http_reply_header(ex, "Access-Control-Allow-Headers", fields);
    http_reply_header(ex, "Access-Control-Max-Age", seconds_kept);
}

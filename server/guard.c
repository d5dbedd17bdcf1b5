/*
 * Where in a request its key stands. Runs on the exchange's loop; no state.
 */
#include "server/guard.h"

#include <string.h>
#include <strings.h>

#include "server/notes.h"

static const char *find_key(const struct http_exchange *ex)
{
    static const char scheme[] = "Bearer ";
    const char *credentials = http_header(ex, "Authorization");
    if (credentials != NULL && strncasecmp(credentials, scheme, sizeof scheme - 1) == 0) {
        const char *key = credentials + sizeof scheme - 1;
        return key + strspn(key, " ");
    }
    return http_header(ex, "X-API-Key");
}

bool guard_admits(struct http_exchange *ex, const struct service *s, struct error *err)
{
    if (s->keys == NULL)
        return true;
    const char *key = find_key(ex);
    if (key == NULL) {
        http_reply_header(ex, "WWW-Authenticate", "Bearer realm=\"digitd\"");
        return error_set(err, ERROR_UNAUTHORIZED,
                         "this needs an API key; send 'Authorization: Bearer KEY' or 'X-API-Key: "
                         "KEY'");
    }
    if (keys_know(s->keys, http_loop(ex), key, notes_of(ex)->key))
        return true;
    http_reply_header(ex, "WWW-Authenticate", "Bearer realm=\"digitd\", error=\"invalid_token\"");
    return error_set(err, ERROR_UNAUTHORIZED, "the API key is not known here");
}

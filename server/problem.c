/*
 * The one place that turns an error into an HTTP answer.
 */
#include "server/problem.h"

#include <string.h>

#include "server/api.h"
#include "server/notes.h"
#include "server/openinference.h"

/* How a client wants to be told, which its path says; the first that fits. */
static const struct manner {
    const char *folder;
    const char *type;
    bool (*write)(char **out, size_t *len, const struct error *problem, struct error *err);
} manners[] = {
    {"/v1", "application/json", openinference_write_error},
    {"/v2", "application/json", openinference_write_error},
    {"", "application/problem+json", api_write_problem},
};

static bool is_below(const char *path, const char *folder)
{
    const size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static const struct manner *manner_of(const char *path)
{
    const struct manner *m = manners;
    while (m->folder[0] != '\0' && !is_below(path, m->folder))
        m++;
    return m;
}

void problem_retry(struct http_exchange *ex)
{
    http_reply_header(ex, "Retry-After", "1");
}

void problem_reply(struct http_exchange *ex, const struct error *problem)
{
    struct error ignored = {0};
    char *body = NULL;
    size_t len = 0;
    int status = error_status(problem->code);
    notes_of(ex)->error = problem->code;
    if (status == 503)
        problem_retry(ex);
    const struct manner *manner = manner_of(http_path(ex));
    if (!manner->write(&body, &len, problem, &ignored))
        body = NULL;
    http_reply(ex, status, manner->type, body, len);
}

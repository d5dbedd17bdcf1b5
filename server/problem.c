/*
 * The one place that turns an error into an HTTP answer.
 */
#include "server/problem.h"

#include "server/api.h"
#include "server/notes.h"

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
    if (!api_write_problem(&body, &len, problem, &ignored))
        body = NULL;
    http_reply(ex, status, "application/problem+json", body, len);
}

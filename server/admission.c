/*
 * The client's deadline is counted from the turn in which its head was there; what the request had
 * waited before, nobody here can know.
 */
#include "server/admission.h"

#include <string.h>

#include "server/notes.h"

enum { DIGITS_MAX = 9 };

static const int64_t ns_per_ms = 1000000;

static bool read_timeout(int64_t *ms, const char *text)
{
    const size_t len = strspn(text, "0123456789");
    *ms = 0;
    for (size_t i = 0; i < len && i < DIGITS_MAX; i++)
        *ms = 10 * *ms + (text[i] - '0');
    return len > 0 && len <= DIGITS_MAX && text[len] == '\0';
}

bool admission_admit(struct http_exchange *ex, const struct service *s, struct error *err)
{
    int64_t ms = 0;
    const char *timeout = http_header(ex, "X-Request-Timeout-Ms");
    if (timeout != NULL && !read_timeout(&ms, timeout))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "X-Request-Timeout-Ms is '%.20s'; it must be a number of milliseconds",
                         timeout);
    if (timeout != NULL)
        notes_of(ex)->deadline_ns = batcher_now_ns() + ms * ns_per_ms;
    http_may_wait(ex, admission_timeout_ns(ex, s));
    return admission_is_in_time(ex, err) && batcher_has_room(s->batcher, http_loop(ex), err);
}

bool admission_is_in_time(struct http_exchange *ex, struct error *err)
{
    const int64_t deadline_ns = notes_of(ex)->deadline_ns;
    return deadline_ns == 0 || batcher_now_ns() < deadline_ns ||
           error_set(err, ERROR_OVERLOADED,
                     "the time that X-Request-Timeout-Ms gives has passed; try again");
}

int64_t admission_timeout_ns(struct http_exchange *ex, const struct service *s)
{
    const int64_t deadline_ns = notes_of(ex)->deadline_ns;
    const int64_t left_ns = deadline_ns - batcher_now_ns();
    const int64_t timeout_ns = s->timeout_ns - http_waited_ns(ex);
    return deadline_ns == 0 || left_ns > timeout_ns ? timeout_ns : left_ns;
}

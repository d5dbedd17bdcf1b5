/*
 * Fail-over and patience. One thread. It knows nothing of what is attempted.
 */
#include "model/store/retry.h"

#include <stdint.h>
#include <sys/random.h>
#include <time.h>

enum { PAUSE_MS = 250, PAUSE_MAX_MS = 8000, TICK_MS = 100 };

static size_t pause_ms(size_t round)
{
    size_t full = PAUSE_MS;
    uint32_t chance = 0;
    while (round-- > 0 && full < PAUSE_MAX_MS)
        full *= 2;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        chance = 0;
    return full - chance % (full / 2);
}

/* False when it was stopped. */
static bool wait_for(size_t ms, const struct store_options *o)
{
    for (size_t done = 0; done < ms; done += TICK_MS) {
        if (!o->go_on(o->context))
            return false;
        const struct timespec tick = {.tv_nsec = TICK_MS * 1000000};
        (void)nanosleep(&tick, NULL);
    }
    return o->go_on(o->context);
}

bool retry_run(struct webhdfs *w,
               bool (*attempt)(struct webhdfs *w, void *context, struct error *err), void *context,
               struct error *err)
{
    const struct store_options *o = w->options;
    struct error why = {0};
    for (size_t round = 0; round < o->attempts; round++) {
        if (round > 0 && !wait_for(pause_ms(round - 1), o))
            break;
        for (size_t i = 0; i < w->url.count; i++) {
            why = (struct error){0};
            if (attempt(w, context, &why))
                return true;
            if (why.code != ERROR_STORE_DOWN)
                return error_set(err, why.code, "%s", why.text);
            w->node = (w->node + 1) % w->url.count;
        }
    }
    return error_set(err, why.code, "%s", why.text);
}

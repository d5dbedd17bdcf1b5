/*
 * A turn's end costs about as much for each request as it did in the turns before: the network is
 * the same for all. Pictures are not alike, so the clock is asked before each.
 */
#include "server/http/pace.h"

/* One turn counts for an eighth. */
enum { SMOOTHING = 8 };

static const int64_t budget_ns = PACE_TURN_MS * INT64_C(1000000);

void pace_begin(struct pace *p, int64_t now_ns)
{
    p->turn_ns = p->since_ns = now_ns;
    p->taken = p->greeted = 0;
}

bool pace_takes(struct pace *p, int64_t now_ns)
{
    const int64_t tail_ns = (int64_t)p->taken * p->tail_ns;
    if (p->taken > 0 && now_ns - p->since_ns + tail_ns >= budget_ns)
        return false;
    p->taken++;
    return true;
}

bool pace_greets(struct pace *p, int64_t now_ns)
{
    if (p->greeted > 0 && now_ns - p->turn_ns >= budget_ns)
        return false;
    p->greeted++;
    return true;
}

static void smooth(int64_t *mean, int64_t value)
{
    *mean = *mean == 0 ? value : *mean + (value - *mean) / SMOOTHING;
}

void pace_end(struct pace *p, int64_t tail_ns, int64_t now_ns)
{
    if (p->taken == 0)
        return;
    smooth(&p->cost_ns, (now_ns - p->turn_ns) / (int64_t)p->taken);
    smooth(&p->tail_ns, (now_ns - tail_ns) / (int64_t)p->taken);
}

/*
 * Pure functions; any thread. Knows nothing of networks and optimisers.
 */
#include "train/learning/schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* OneCycleLR's div_factor and final_div_factor. */
static const double first_divisor = 25;
static const double final_divisor = 1e4;

/* From `from` to `to` along half a cosine, as `share` goes from 0 to 1. */
static double eased(double from, double to, double share)
{
    return to + (from - to) / 2 * (1 + cos(pi * share));
}

static double one_cycle(const struct schedule *s, double step, double steps)
{
    double first = s->rate / first_divisor;
    double top = s->warm_up * steps - 1; /* the step of the highest rate; may be below 0 */
    double last = steps - 1;
    if (step <= top)
        return top > 0 ? eased(first, s->rate, step / top) : s->rate;
    return eased(s->rate, first / final_divisor, (step - top) / (last - top));
}

double schedule_rate(const struct schedule *s, size_t step, size_t steps, size_t epoch_steps)
{
    double at = (double)step, all = (double)steps;
    double rising = s->warm_up * all;
    if (s->kind == SCHEDULE_ONE_CYCLE)
        return one_cycle(s, at, all);
    if (at < rising)
        return s->rate * (at + 1) / (rising + 1);
    switch (s->kind) {
    case SCHEDULE_STEP:
        /* NOLINTNEXTLINE(bugprone-integer-division): it steps */
        return s->rate * pow(s->step_factor, (double)(step / epoch_steps / s->step_epochs));
    case SCHEDULE_COSINE:
        return eased(s->rate, s->rate * s->final, (at - rising) / (all - rising));
    default:
        return s->rate;
    }
}

/*
 * How large a training step is at each moment: schedules of the learning rate, as pure functions.
 */
#ifndef DIGIT_SCHEDULE_H
#define DIGIT_SCHEDULE_H

#include <stddef.h>

enum schedule_kind { SCHEDULE_CONSTANT, SCHEDULE_STEP, SCHEDULE_COSINE, SCHEDULE_ONE_CYCLE };

struct schedule {
    size_t kind;        /* enum schedule_kind */
    double rate;        /* the highest */
    double warm_up;     /* the share of all steps on which the rate rises, 0 <= x < 1 */
    double final;       /* cosine: the last rate as a share of the highest */
    double step_factor; /* step: the rate is multiplied by it ... */
    size_t step_epochs; /* ... after that many epochs */
};

/* The learning rate of a step, counted from 0, of `steps` in all, `epoch_steps` an epoch. Any
 * thread.
 *
 * constant, step and cosine (Loshchilov and Hutter, "SGDR", 2017, without restarts) begin with a
 * linear rise over the warm-up, if any. one-cycle (Smith and Topin, "Super-Convergence", 2018) is
 * that of torch.optim.lr_scheduler.OneCycleLR with its defaults: from 1/25 of the rate by a cosine
 * up to it over the warm-up, and down by a cosine to 1/250,000; the momentum stays as it is. */
double schedule_rate(const struct schedule *s, size_t step, size_t steps, size_t epoch_steps);

#endif

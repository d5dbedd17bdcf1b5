/*
 * A histogram: how many values fell at or below each of some bounds. One thread adds, any reads.
 */
#ifndef DIGIT_METRICS_HISTOGRAM_H
#define DIGIT_METRICS_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "server/metrics/exposition.h"

enum { HISTOGRAM_BOUNDS = 16 };

struct histogram_scale {
    const char *names[HISTOGRAM_BOUNDS]; /* of the bounds, in the unit that is shown */
    uint64_t bounds[HISTOGRAM_BOUNDS];   /* in the unit that is counted; rising */
    bool seconds;                        /* nanoseconds are counted and seconds shown */
};

extern const struct histogram_scale histogram_durations; /* from 50 us to 10 s */
extern const struct histogram_scale histogram_images;    /* from 1 to 4096, and more */

struct histogram {
    atomic_uint_fast64_t counts[HISTOGRAM_BOUNDS + 1]; /* the last: beyond all bounds */
    atomic_uint_fast64_t sum;
};

/* Adds to what one thread alone writes. */
void counter_add(atomic_uint_fast64_t *counter, uint64_t value);
uint64_t counter_read(const atomic_uint_fast64_t *counter);

void histogram_add(struct histogram *h, const struct histogram_scale *scale, uint64_t value);

/* Adds what `h` holds to `total`. */
void histogram_sum(struct histogram *total, const struct histogram *h);

uint64_t histogram_count(const struct histogram *h);

/* Writes the samples of one histogram of the family `name`. `label` may be NULL. */
void histogram_write(struct text *t, const char *name, const struct exposition_label *label,
                     const struct histogram *h, const struct histogram_scale *scale);

#endif

/*
 * How far a long piece of work has come: a bar on a terminal, now and then a plain line elsewhere.
 */
#ifndef DIGIT_PROGRESS_H
#define DIGIT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct progress {
    FILE *out; /* NULL: show nothing */
    bool tty;
    size_t total;
    const char *unit; /* of what is counted; "images" unless the caller sets another one */
    double started;
    double shown; /* when something was last shown */
};

/* Seconds, since some moment that stays the same while the process runs. */
double progress_clock(void);

/* Starts the clock for `total` of them, 0 where nobody knows. `out` may be NULL, and nothing is
 * shown then. */
void progress_begin(struct progress *p, FILE *out, size_t total);

/* Shows `done` of them and `note` ("epoch 1/5  loss 0.1234"), not more often than people can read.
 */
void progress_show(struct progress *p, size_t done, const char *note);

/* Shows the last state whatever the time, and ends the line. */
void progress_end(struct progress *p, size_t done, const char *note);

#endif

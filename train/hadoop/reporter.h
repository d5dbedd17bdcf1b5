/*
 * What a Streaming task tells Hadoop on its standard error (Apache Hadoop, "Hadoop Streaming",
 * sections on counters and status).
 */
#ifndef DIGIT_REPORTER_H
#define DIGIT_REPORTER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Adds `by` to the job's counter of that name in the group "digit"; nothing where it is 0. */
void reporter_counter(FILE *log, const char *name, uint64_t by);

/* Whether this process is a task of Hadoop's. map_run and reduce_run do not ask. */
bool reporter_listens(void);

/* Says how many lines there have been, now and then on the way from `before` to `now`, so that a
 * task that works long is not taken for dead. */
void reporter_status(FILE *log, uint64_t before, uint64_t now);

#endif

/*
 * What the kernel says of this process, under the names that Prometheus's clients give it.
 */
#ifndef DIGIT_METRICS_PROCESS_H
#define DIGIT_METRICS_PROCESS_H

#include "server/text.h"

/* Appends the families; those of which the kernel says nothing are left out. Any thread. */
void process_write(struct text *t);

#endif

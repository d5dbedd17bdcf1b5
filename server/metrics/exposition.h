/*
 * Prometheus's text format (version 0.0.4), written: families of samples.
 */
#ifndef DIGIT_METRICS_EXPOSITION_H
#define DIGIT_METRICS_EXPOSITION_H

#include <stdint.h>

#include "server/text.h"

/* Begins a family: `type` is counter, gauge or histogram. Its samples follow. */
void exposition_family(struct text *t, const char *name, const char *type, const char *help);

/* One label; its value may be any text. */
struct exposition_label {
    const char *name;
    const char *value;
};

/* A sample, with the labels before the first that has no name. `labels` may be NULL. The number is
 * written as it is, or as nanoseconds in seconds. */
void exposition_integer(struct text *t, const char *name, const struct exposition_label *labels,
                        uint64_t value);
void exposition_seconds(struct text *t, const char *name, const struct exposition_label *labels,
                        uint64_t ns);

/* A family of one sample without labels. */
void exposition_single(struct text *t, const char *name, const char *type, const char *help,
                       uint64_t value);

#endif

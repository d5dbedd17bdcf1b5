/*
 * What the operator reads: one line a message, on standard error, as text or as JSON.
 */
#ifndef DIGIT_LOG_H
#define DIGIT_LOG_H

#include <stdint.h>

#include "server/text.h"

enum log_level { LOG_INFO, LOG_ERROR };

/* As JSON, from now on; text is the default. Before any other thread runs. */
void log_as_json(void);

/* Writes the message as one line in one write. Any thread. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a message with fields, between log_begin and log_end, which writes the line and
 * frees the text. `t` starts as {0}. */
void log_begin(struct text *t, enum log_level level, const char *message);
void log_field(struct text *t, const char *name, const char *value);
void log_integer(struct text *t, const char *name, size_t value);
void log_seconds(struct text *t, const char *name, int64_t ns);
void log_end(struct text *t);

#endif

/*
 * What the operator reads: one line a message, on standard error.
 */
#ifndef DIGIT_LOG_H
#define DIGIT_LOG_H

/* Writes "digitd: " and the message as one line in one write. Any thread. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

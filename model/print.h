/*
 * Texts that must fit: paths and URLs, of which a part would name something else.
 */
#ifndef DIGIT_PRINT_H
#define DIGIT_PRINT_H

#include <stddef.h>

#include "model/error.h"

/* Prints into the `size` bytes at `out` as snprintf does. False when that was not all of it: then
 * `out` holds what fitted, and `size` - 1 bytes at most. Any thread; no state. */
bool print_fits(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4))) MUST_CHECK;

#endif

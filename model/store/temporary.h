/*
 * Names of files that are not complete yet: `.NAME.<16 hexadecimal digits>.tmp` beside NAME.
 */
#ifndef DIGIT_STORE_TEMPORARY_H
#define DIGIT_STORE_TEMPORARY_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

/* A random number for a name. */
bool temporary_number(uint64_t *out, struct error *err) MUST_CHECK;

/* Fills `out` with such a name for `path`, which may be a URL as well. */
bool temporary_name(char *out, size_t size, const char *path, uint64_t number,
                    struct error *err) MUST_CHECK;

/* Whether `name`, which is without a folder, is such a name for the last part of `path`. */
bool temporary_is_of(const char *name, const char *path);

#endif

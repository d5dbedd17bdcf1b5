/*
 * Grey pictures as PNG files.
 */
#ifndef DIGIT_PNG_H
#define DIGIT_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

/* Writes width x height grey pixels, rows from the top, as the PNG file `path`, atomically. */
bool png_write(const char *path, const uint8_t *pixels, size_t width, size_t height,
               struct error *err) MUST_CHECK;

#endif

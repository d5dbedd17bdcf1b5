/*
 * What a file is that is no zip archive, for one helpful line about it.
 */
#ifndef DIGIT_CHECKPOINT_FOREIGN_H
#define DIGIT_CHECKPOINT_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lends a constant: "it is ...; do ...", or NULL when the bytes begin as a zip archive does. */
const char *foreign_describe(const uint8_t *bytes, size_t len);

#endif

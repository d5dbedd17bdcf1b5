/*
 * SHA-256 (FIPS 180-4) of what comes in pieces.
 */
#ifndef DIGIT_SHA256_H
#define DIGIT_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "model/file.h"

/* A state to begin with sha256_begin; it owns nothing. */
struct sha256 {
    _Alignas(8) uint8_t state[256];
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t len);

/* Fills `out` with 64 lower-case hexadecimal digits. The state must be begun again after it. */
void sha256_end(struct sha256 *s, char out[FILE_SHA256_SIZE]);

#endif

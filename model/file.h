/*
 * Whole files: read, written atomically, and their SHA-256 (FIPS 180-4).
 */
#ifndef DIGIT_FILE_H
#define DIGIT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

enum { FILE_SHA256_SIZE = 65 };

/* Whether something is at `path`. Fails with ERROR_FILE where that cannot be told: a file that
 * cannot be looked at must not be taken for one that is not there. */
bool file_exists(bool *out, const char *path, struct error *err) MUST_CHECK;

/* Reads all of `path` into *out (malloc; the caller frees), with a NUL after the last byte that
 * *len does not count. Fails with ERROR_FILE when it is longer than max_len. */
bool file_read(uint8_t **out, size_t *len, const char *path, size_t max_len,
               struct error *err) MUST_CHECK;

/* Writes a temporary file in the same folder, fsyncs it and renames it to `path`: readers see the
 * old file or the new one, never a part. On failure the temporary file is gone. */
bool file_write(const char *path, const void *bytes, size_t len, struct error *err) MUST_CHECK;

/* Two steps of it, for files that are written piece by piece; on failure errno says why. All of
 * `bytes` into the descriptor; and the folder around `path` onto the disk, without which a rename
 * may be lost. */
bool file_write_all(int fd, const void *bytes, size_t len) MUST_CHECK;
bool file_sync_folder(const char *path) MUST_CHECK;

/* Fills `out` with the lower-case hexadecimal SHA-256 of `bytes`. */
void file_sha256(char out[FILE_SHA256_SIZE], const void *bytes, size_t len);

#endif

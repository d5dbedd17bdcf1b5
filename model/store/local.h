/*
 * A file of this machine that takes its place when all of it is there.
 */
#ifndef DIGIT_STORE_LOCAL_H
#define DIGIT_STORE_LOCAL_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/file.h"
#include "model/sha256.h"

enum { LOCAL_PATH_SIZE = 4096 };

struct local_file {
    char path[LOCAL_PATH_SIZE]; /* its temporary name */
    int fd;
    uint64_t len;
    struct sha256 sha256; /* of what was written */
};

/* Begins a file under a temporary name beside `path`. */
bool local_begin(struct local_file *f, const char *path, struct error *err) MUST_CHECK;

/* Adds to its end. Empties it, to begin again. */
bool local_write(struct local_file *f, const void *bytes, size_t len, struct error *err) MUST_CHECK;
bool local_empty(struct local_file *f, struct error *err) MUST_CHECK;

/* Forces it to the disk and closes it. On failure it is gone. */
bool local_finish(struct local_file *f, struct error *err) MUST_CHECK;

/* Gives the finished file the name `path`, and forces that to the disk. On failure it is gone. */
bool local_rename(const char *temporary, const char *path, struct error *err) MUST_CHECK;

/* Closes it if need be, and removes it. */
void local_abandon(struct local_file *f);

/* Opens the file at `path` to be read; -1 on failure. Fills its length. Regular files only. */
int local_open(const char *path, uint64_t *len, struct error *err) MUST_CHECK;

/* Fills the buffer from the file; *got is 0 at its end. */
bool local_read(int fd, void *buffer, size_t size, size_t *got, const char *path,
                struct error *err) MUST_CHECK;

/* Fills `out` with the SHA-256 of the file at `path`. */
bool local_sha256(char out[FILE_SHA256_SIZE], const char *path, struct error *err) MUST_CHECK;

#endif

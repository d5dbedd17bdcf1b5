/*
 * Whole files. Any thread; no state. Knows nothing of what the bytes mean.
 */
#include "model/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/sha256.h"

enum {
    READ_SIZE_MIN = 4096,
    TEMPORARY_ATTEMPTS = 100,
};

static bool read_some(size_t *got, int fd, uint8_t *buffer, size_t size)
{
    ssize_t n;
    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    *got = n > 0 ? (size_t)n : 0;
    return n >= 0;
}

/* Reads to the end and not to the size that stat gives: that size may be stale, or 0 for a pipe. */
static bool read_all(uint8_t **out, size_t *len, int fd, size_t size, size_t max_len,
                     const char *path, struct error *err)
{
    size_t used = 0, got = 1, room = 0;
    uint8_t *bytes = NULL;
    if (size > max_len)
        goto too_long;
    while (got > 0) {
        if (used + 1 >= room) {
            /* For the NUL, and for one byte more so that a size that is right is seen to be. */
            size_t first = size < READ_SIZE_MIN ? READ_SIZE_MIN : size + 2;
            size_t grown = room == 0 ? first : 2 * room;
            uint8_t *moved = realloc(bytes, grown);
            if (moved == NULL) {
                error_set(err, ERROR_OUT_OF_MEMORY, "no memory for '%s'", path);
                goto out_free;
            }
            bytes = moved;
            room = grown;
        }
        if (!read_some(&got, fd, bytes + used, room - 1 - used)) {
            error_set(err, ERROR_FILE, "cannot read '%s': %s", path, strerror(errno));
            goto out_free;
        }
        used += got;
        if (used > max_len)
            goto too_long;
    }
    bytes[used] = 0;
    *out = bytes;
    *len = used;
    return true;

too_long:
    error_set(err, ERROR_FILE, "'%s' is longer than the %zu bytes that are taken", path, max_len);
out_free:
    free(bytes);
    return false;
}

bool file_exists(bool *out, const char *path, struct error *err)
{
    *out = access(path, F_OK) == 0;
    return *out || errno == ENOENT || errno == ENOTDIR ||
           error_set(err, ERROR_FILE, "cannot look for '%s': %s", path, strerror(errno));
}

bool file_read(uint8_t **out, size_t *len, const char *path, size_t max_len, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ERROR_FILE, "cannot open '%s': %s", path, strerror(errno));
    struct stat status;
    size_t size = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? (size_t)status.st_size : 0;
    bool ok = read_all(out, len, fd, size, max_len, path, err);
    close(fd);
    return ok;
}

/* A new file `path`.<random>.tmp; *name is the caller's to free. mkstemp would do, but for its mode
 * of 0600, which the rename would hand on. */
static int open_temporary(char **name, const char *path, struct error *err)
{
    for (int i = 0; i < TEMPORARY_ATTEMPTS; i++) {
        uint64_t number = 0;
        if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number ||
            asprintf(name, "%s.%016" PRIx64 ".tmp", path, number) < 0) {
            *name = NULL;
            break;
        }
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd >= 0)
            return fd;
        int why = errno;
        free(*name);
        *name = NULL;
        if (why != EEXIST) {
            error_set(err, ERROR_FILE, "cannot write '%s': %s", path, strerror(why));
            return -1;
        }
    }
    error_set(err, ERROR_FILE, "cannot write '%s': no name for a temporary file", path);
    return -1;
}

bool file_write_all(int fd, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    while (len > 0) {
        ssize_t n = write(fd, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

/* A rename is in the folder's own data. Some file systems cannot sync that and answer EINVAL. */
bool file_sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    char *folder = len == 0 ? strdup(".") : strndup(path, len);
    if (folder == NULL)
        return false;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0 || errno == EINVAL;
    int why = errno;
    close(fd);
    errno = why;
    return ok;
}

bool file_write(const char *path, const void *bytes, size_t len, struct error *err)
{
    char *temporary;
    int fd = open_temporary(&temporary, path, err);
    if (fd < 0)
        return false;
    bool ok = file_write_all(fd, bytes, len) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(temporary, path) != 0) {
        ok = false;
        why = errno;
    }
    if (!ok)
        unlink(temporary);
    free(temporary);
    if (ok && !file_sync_folder(path)) {
        ok = false;
        why = errno;
    }
    return ok || error_set(err, ERROR_FILE, "cannot write '%s': %s", path, strerror(why));
}

void file_sha256(char out[FILE_SHA256_SIZE], const void *bytes, size_t len)
{
    struct sha256 state;
    sha256_begin(&state);
    sha256_add(&state, bytes, len);
    sha256_end(&state, out);
}

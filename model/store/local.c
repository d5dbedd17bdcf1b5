/*
 * Temporary files and their renaming, for whoever writes local files piece by piece. Any thread; no
 * state of its own. Knows nothing of stores and URLs.
 */
#include "model/store/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/store/temporary.h"

enum { CHUNK = 64 * 1024 };

static bool cannot(struct error *err, const char *verb, const char *path)
{
    return error_set(err, ERROR_FILE, "cannot %s '%s': %s", verb, path, strerror(errno));
}

bool local_begin(struct local_file *f, const char *path, struct error *err)
{
    uint64_t number;
    f->len = 0;
    sha256_begin(&f->sha256);
    if (!temporary_number(&number, err) ||
        !temporary_name(f->path, sizeof f->path, path, number, err))
        return false;
    f->fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return f->fd >= 0 || cannot(err, "write", path);
}

bool local_write(struct local_file *f, const void *bytes, size_t len, struct error *err)
{
    if (!file_write_all(f->fd, bytes, len))
        return cannot(err, "write", f->path);
    f->len += len;
    sha256_add(&f->sha256, bytes, len);
    return true;
}

bool local_empty(struct local_file *f, struct error *err)
{
    f->len = 0;
    sha256_begin(&f->sha256);
    if (lseek(f->fd, 0, SEEK_SET) == 0 && ftruncate(f->fd, 0) == 0)
        return true;
    return cannot(err, "write", f->path);
}

bool local_finish(struct local_file *f, struct error *err)
{
    bool ok = fsync(f->fd) == 0 || cannot(err, "write", f->path);
    if (close(f->fd) != 0 && ok)
        ok = cannot(err, "write", f->path);
    f->fd = -1;
    if (!ok)
        local_abandon(f);
    return ok;
}

bool local_rename(const char *temporary, const char *path, struct error *err)
{
    if (rename(temporary, path) == 0)
        return file_sync_folder(path) || cannot(err, "write", path);
    cannot(err, "write", path);
    (void)unlink(temporary);
    return false;
}

void local_abandon(struct local_file *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    f->fd = -1;
    (void)unlink(f->path);
}

int local_open(const char *path, uint64_t *len, struct error *err)
{
    struct stat status;
    /* Not to wait for a writer, should it be a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0) {
        error_set(err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_FILE, "cannot read '%s': %s", path,
                  strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        error_set(err, ERROR_FILE, "'%s' is not a regular file", path);
    } else {
        *len = (uint64_t)status.st_size;
        return fd;
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

bool local_read(int fd, void *buffer, size_t size, size_t *got, const char *path, struct error *err)
{
    ssize_t n;
    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    *got = n > 0 ? (size_t)n : 0;
    return n >= 0 || cannot(err, "read", path);
}

bool local_sha256(char out[FILE_SHA256_SIZE], const char *path, struct error *err)
{
    char chunk[CHUNK];
    struct sha256 state;
    uint64_t len;
    size_t got;
    bool ok;
    int fd = local_open(path, &len, err);
    if (fd < 0)
        return false;
    sha256_begin(&state);
    while ((ok = local_read(fd, chunk, sizeof chunk, &got, path, err)) && got > 0)
        sha256_add(&state, chunk, got);
    (void)close(fd);
    sha256_end(&state, out);
    return ok;
}

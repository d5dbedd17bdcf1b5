/*
 * This machine's files as a store. Any thread; no state.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/print.h"
#include "model/store/local.h"
#include "model/store/type.h"

enum { CHUNK = 64 * 1024 };

static bool path_of(const char **out, const char *url, struct error *err)
{
    static const char file[] = "file://", host[] = "localhost";
    *out = url;
    if (strncmp(url, file, sizeof file - 1) == 0) {
        *out += sizeof file - 1;
        if (strncmp(*out, host, sizeof host - 1) == 0)
            *out += sizeof host - 1;
        if (**out != '/')
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "'%s' names another machine; write file:///path", url);
    }
    return **out != '\0' || error_set(err, ERROR_BAD_ARGUMENT, "a path is empty");
}

static bool cannot(struct error *err, const char *verb, const char *path)
{
    return error_set(err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_FILE, "cannot %s '%s': %s",
                     verb, path, strerror(errno));
}

static void fill(struct store_entry *out, const struct stat *status)
{
    out->is_folder = S_ISDIR(status->st_mode);
    out->len = out->is_folder ? 0 : (uint64_t)status->st_size;
    out->modified_ms =
        (int64_t)status->st_mtim.tv_sec * 1000 + (int64_t)status->st_mtim.tv_nsec / 1000000;
}

static bool file_look(struct store_entry *out, const char *url, const struct store_options *options,
                      struct error *err)
{
    const char *path;
    struct stat status;
    (void)options;
    if (!path_of(&path, url, err))
        return false;
    if (stat(path, &status) != 0)
        return cannot(err, "read", path);
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    if (end - start >= STORE_NAME_SIZE)
        return error_set(err, ERROR_BAD_ARGUMENT, "the name of '%.60s...' is too long", path);
    (void)snprintf(out->name, sizeof out->name, "%.*s", (int)(end - start), path + start);
    fill(out, &status);
    return true;
}

static bool grow(struct store_entry **entries, size_t count, size_t *room, struct error *err)
{
    if (count < *room)
        return true;
    size_t more = *room == 0 ? 64 : 2 * *room;
    struct store_entry *grown = realloc(*entries, more * sizeof **entries);
    if (grown == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a list of files");
    *entries = grown;
    *room = more;
    return true;
}

/* Files that go while the list is made are not on it, nor are names that are too long. */
static bool read_folder(struct store_entry **out, size_t *count, DIR *folder, struct error *err)
{
    size_t room = 0;
    struct dirent *found;
    while (errno = 0, (found = readdir(folder)) != NULL) {
        struct stat status;
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0 ||
            fstatat(dirfd(folder), found->d_name, &status, 0) != 0)
            continue;
        if (!grow(out, *count, &room, err))
            return false;
        struct store_entry *e = &(*out)[(*count)++];
        (void)snprintf(e->name, sizeof e->name, "%s", found->d_name);
        fill(e, &status);
    }
    return true;
}

static bool file_list(struct store_entry **out, size_t *count, const char *url,
                      const struct store_options *options, struct error *err)
{
    const char *path;
    (void)options;
    *out = NULL;
    *count = 0;
    if (!path_of(&path, url, err))
        return false;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return cannot(err, "list", path);
    bool ok = read_folder(out, count, folder, err);
    if (ok && errno != 0)
        ok = cannot(err, "list", path);
    (void)closedir(folder);
    /* An empty list is a list as well: something for the caller to free. */
    if (ok && *out == NULL && (*out = malloc(sizeof **out)) == NULL)
        ok = error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a list of files");
    if (!ok)
        free(*out);
    return ok;
}

/* Copies what there is, whatever the length was when it was opened. */
static bool copy(struct local_file *to, int from, uint64_t total, const char *path,
                 const struct store_options *o, struct error *err)
{
    char chunk[CHUNK];
    size_t got;
    do {
        if (!o->go_on(o->context))
            return error_set(err, ERROR_STORE_DOWN, "copying '%s' was stopped", path);
        if (!local_read(from, chunk, sizeof chunk, &got, path, err) ||
            !local_write(to, chunk, got, err))
            return false;
        o->progress(o->context, to->len, total);
    } while (got > 0);
    return true;
}

/* Fills the finished temporary file's path and the SHA-256 of what went there. */
static bool copy_beside(char temporary[LOCAL_PATH_SIZE], char sha256[FILE_SHA256_SIZE],
                        const char *from, const char *to, const struct store_options *o,
                        struct error *err)
{
    uint64_t total;
    struct local_file file;
    int fd = local_open(from, &total, err);
    if (fd < 0)
        return false;
    bool ok = local_begin(&file, to, err);
    if (ok && !copy(&file, fd, total, from, o, err)) {
        local_abandon(&file);
        ok = false;
    }
    (void)close(fd);
    if (!ok || !local_finish(&file, err))
        return false;
    sha256_end(&file.sha256, sha256);
    memcpy(temporary, file.path, sizeof file.path);
    return true;
}

static bool file_fetch(const char *url, const char *path, const struct store_options *options,
                       struct error *err)
{
    const char *from;
    char temporary[LOCAL_PATH_SIZE], sha256[FILE_SHA256_SIZE];
    return path_of(&from, url, err) && copy_beside(temporary, sha256, from, path, options, err) &&
           local_rename(temporary, path, err);
}

static bool make_folders(const char *path, struct error *err)
{
    char folder[LOCAL_PATH_SIZE];
    if (!print_fits(folder, sizeof folder, "%s", path))
        return error_set(err, ERROR_BAD_ARGUMENT, "'%.60s...' is too long for a path", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            return error_set(err, ERROR_FILE, "cannot make the folder '%s': %s", folder,
                             strerror(errno));
        *slash = '/';
    }
    return true;
}

/* Reads the file back: a disk that is full or broken may say so only then. */
static bool compare(const char *path, const char *sha256, struct error *err)
{
    char found[FILE_SHA256_SIZE];
    if (!local_sha256(found, path, err))
        return false;
    return strcmp(found, sha256) == 0 ||
           error_set(err, ERROR_FILE, "'%s' is not what was written there; look at the disk", path);
}

static bool file_stage(struct store_staged *out, const char *path, const char *sha256,
                       const char *url, const struct store_options *options, struct error *err)
{
    const char *to;
    char found[FILE_SHA256_SIZE];
    static_assert(sizeof out->url == LOCAL_PATH_SIZE, "a path has room where a URL has");
    out->id = 0;
    if (!path_of(&to, url, err) || !make_folders(to, err) ||
        !copy_beside(out->url, found, path, to, options, err))
        return false;
    if (sha256 != NULL && strcmp(sha256, found) != 0)
        error_set(err, ERROR_FILE, "'%s' has changed meanwhile; try again", path);
    else if (compare(out->url, found, err))
        return true;
    (void)unlink(out->url);
    return false;
}

static bool file_commit(const struct store_staged *staged, const char *url,
                        const struct store_options *options, struct error *err)
{
    const char *path;
    (void)options;
    return path_of(&path, url, err) && local_rename(staged->url, path, err);
}

static bool file_remove(const char *url, const struct store_options *options, struct error *err)
{
    const char *path;
    (void)options;
    return path_of(&path, url, err) && (unlink(path) == 0 || cannot(err, "remove", path));
}

const struct store_type store_type_file = {
    .look = file_look,
    .list = file_list,
    .fetch = file_fetch,
    .stage = file_stage,
    .commit = file_commit,
    .remove = file_remove,
};

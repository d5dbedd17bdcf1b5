/*
 * Copies on this machine's disk. Any thread, any number of processes at once: a version's folder
 * takes its name when it is complete and does not change after that; who moves the links holds a
 * lock (flock(2), which ends with its process). It knows nothing of stores.
 */
#include "model/publish/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "model/card.h"
#include "model/file.h"
#include "model/publish/name.h"
#include "model/store/local.h"
#include "model/store/temporary.h"

enum { CARD_MAX = 1 << 20, DIGITS = CACHE_VERSION_SIZE - 1 };

static const time_t stale_s = 24 * 60 * 60;
static const char hexadecimal[] = "0123456789abcdef";

static __attribute__((format(printf, 3, 4))) bool
path_of(char out[PUBLISH_PATH_SIZE], struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out, PUBLISH_PATH_SIZE, format, args);
    va_end(args);
    return (len >= 0 && len < PUBLISH_PATH_SIZE) ||
           error_set(err, ERROR_BAD_ARGUMENT, "the path of the cache is too long");
}

static bool cannot(struct error *err, const char *path)
{
    return error_set(err, ERROR_FILE,
                     "the cache '%s' cannot be used: %s; give another folder with --cache", path,
                     strerror(errno));
}

bool cache_open(struct cache *c, const char *folder, const char *url, struct error *err)
{
    char sha256[FILE_SHA256_SIZE];
    file_sha256(sha256, url, strlen(url));
    return name_stem(c->name, sizeof c->name, url, err) &&
           path_of(c->folder, err, "%s/%s-%.*s", folder, c->name, DIGITS, sha256);
}

static bool make_folders(const char *path, struct error *err)
{
    char part[PUBLISH_PATH_SIZE];
    (void)snprintf(part, sizeof part, "%s", path);
    for (char *slash = part; slash != NULL;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return cannot(err, part);
        if (slash != NULL)
            *slash = '/';
    }
    return true;
}

bool cache_begin(const struct cache *c, struct cache_draft *d, struct error *err)
{
    uint64_t number;
    if (!make_folders(c->folder, err) || !temporary_number(&number, err))
        return false;
    return path_of(d->folder, err, "%s/.%016" PRIx64 ".tmp", c->folder, number) &&
           path_of(d->weights, err, "%s/%s.pth", d->folder, c->name) &&
           path_of(d->card, err, "%s/%s.json", d->folder, c->name) &&
           (mkdir(d->folder, 0755) == 0 || cannot(err, d->folder));
}

/* A version or a draft, with the files that are in it. */
static void remove_folder(const char *path)
{
    struct dirent *found;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    while ((found = readdir(folder)) != NULL)
        (void)unlinkat(dirfd(folder), found->d_name, 0);
    (void)closedir(folder);
    (void)rmdir(path);
}

void cache_abandon(const struct cache *c, struct cache_draft *d)
{
    (void)c;
    remove_folder(d->folder);
}

static bool read_card(struct card *card, char version[CACHE_VERSION_SIZE], const char *path,
                      struct error *err)
{
    uint8_t *text;
    size_t len;
    char sha256[FILE_SHA256_SIZE];
    struct error why = {0};
    if (!file_read(&text, &len, path, CARD_MAX, err))
        return false;
    file_sha256(sha256, text, len);
    (void)snprintf(version, CACHE_VERSION_SIZE, "%.*s", DIGITS, sha256);
    bool ok = card_parse(card, (const char *)text, len, &why);
    free(text);
    return ok || error_set(err, why.code, "the card of the model: %s", why.text);
}

bool cache_read_card(const struct cache *c, struct cache_draft *d, struct error *err)
{
    struct card card;
    (void)c;
    if (!read_card(&card, d->version, d->card, err))
        return false;
    memcpy(d->sha256, card.sha256, sizeof d->sha256);
    return true;
}

bool cache_fits(const struct cache_draft *d, bool *fits, struct error *err)
{
    char sha256[FILE_SHA256_SIZE];
    if (!local_sha256(sha256, d->weights, err))
        return false;
    *fits = strcmp(sha256, d->sha256) == 0;
    return true;
}

bool cache_has(const struct cache *c, const char *version)
{
    char path[PUBLISH_PATH_SIZE], found[CACHE_VERSION_SIZE], sha256[FILE_SHA256_SIZE];
    struct card card;
    struct error unsaid = {0};
    return path_of(path, &unsaid, "%s/%s/%s.json", c->folder, version, c->name) &&
           read_card(&card, found, path, &unsaid) && strcmp(found, version) == 0 &&
           path_of(path, &unsaid, "%s/%s/%s.pth", c->folder, version, c->name) &&
           local_sha256(sha256, path, &unsaid) && strcmp(sha256, card.sha256) == 0;
}

/* ---- links ---------------------------------------------------------------------------------- */

static bool is_version(const char *name)
{
    return strlen(name) == DIGITS && strspn(name, hexadecimal) == DIGITS;
}

/* Fills `version` with where a link leads; empty when there is none, or to no version. */
static void read_link(const struct cache *c, const char *link, char version[CACHE_VERSION_SIZE])
{
    char path[PUBLISH_PATH_SIZE];
    struct error unsaid = {0};
    ssize_t len = path_of(path, &unsaid, "%s/%s", c->folder, link)
                      ? readlink(path, version, CACHE_VERSION_SIZE)
                      : -1;
    version[len == DIGITS ? DIGITS : 0] = '\0';
    if (!is_version(version))
        version[0] = '\0';
}

static bool set_link(const struct cache *c, const char *link, const char *version,
                     struct error *err)
{
    char path[PUBLISH_PATH_SIZE], temporary[PUBLISH_PATH_SIZE];
    if (!path_of(path, err, "%s/%s", c->folder, link) ||
        !path_of(temporary, err, "%s/.%s.tmp", c->folder, link))
        return false;
    (void)unlink(temporary); /* of somebody who was killed: we hold the lock */
    return (symlink(version, temporary) == 0 && rename(temporary, path) == 0) || cannot(err, path);
}

static void remove_others(const struct cache *c, const char *current, const char *previous)
{
    struct dirent *found;
    DIR *folder = opendir(c->folder);
    if (folder == NULL)
        return;
    while ((found = readdir(folder)) != NULL) {
        const char *name = found->d_name;
        struct stat status;
        char path[PUBLISH_PATH_SIZE];
        struct error unsaid = {0};
        bool is_draft = name[0] == '.' && strspn(name + 1, hexadecimal) == DIGITS &&
                        strcmp(name + 1 + DIGITS, ".tmp") == 0;
        bool is_old = is_draft ? fstatat(dirfd(folder), name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                                     time(NULL) - status.st_mtime > stale_s
                               : is_version(name) && strcmp(name, current) != 0 &&
                                     strcmp(name, previous) != 0;
        if (is_old && path_of(path, &unsaid, "%s/%s", c->folder, name))
            remove_folder(path);
    }
    (void)closedir(folder);
}

/* A copy that is there already is somebody else's, and whole; or damaged, and must go. */
static bool place(const struct cache *c, struct cache_draft *d, struct error *err)
{
    char path[PUBLISH_PATH_SIZE];
    bool is_there;
    if (cache_has(c, d->version))
        return true;
    if (!file_exists(&is_there, d->weights, err))
        return false;
    if (!is_there)
        return error_set(err, ERROR_STORE_DOWN, "the cache '%s' has changed meanwhile; try again",
                         c->folder);
    if (!path_of(path, err, "%s/%s", c->folder, d->version))
        return false;
    remove_folder(path);
    return local_rename(d->folder, path, err);
}

static bool take_locked(const struct cache *c, struct cache_draft *d, struct error *err)
{
    char current[CACHE_VERSION_SIZE], previous[CACHE_VERSION_SIZE];
    if (!place(c, d, err))
        return false;
    read_link(c, "current", current);
    read_link(c, "previous", previous);
    if (strcmp(current, d->version) != 0) {
        if (current[0] != '\0' && !set_link(c, "previous", current, err))
            return false;
        if (!set_link(c, "current", d->version, err))
            return false;
        memcpy(previous, current, sizeof previous);
    }
    remove_others(c, d->version, previous);
    return true;
}

bool cache_take(const struct cache *c, struct cache_draft *d, char path[PUBLISH_PATH_SIZE],
                struct error *err)
{
    int lock = open(c->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        cannot(err, c->folder);
        if (lock >= 0)
            (void)close(lock);
        return false;
    }
    bool ok = take_locked(c, d, err) &&
              path_of(path, err, "%s/%s/%s.pth", c->folder, d->version, c->name);
    (void)close(lock);
    return ok;
}

bool cache_current(const struct cache *c, char path[PUBLISH_PATH_SIZE], struct error *err)
{
    static const char *const links[] = {"current", "previous"};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char version[CACHE_VERSION_SIZE];
        read_link(c, links[i], version);
        if (version[0] != '\0' && cache_has(c, version))
            return path_of(path, err, "%s/%s/%s.pth", c->folder, version, c->name);
    }
    return error_set(err, ERROR_NOT_FOUND, "the cache holds no good copy of '%s'", c->name);
}

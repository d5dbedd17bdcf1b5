/*
 * What --model names. Runs in main, then on the keeper's thread. Knows stores and files, not what
 * is in them.
 */
#include "server/models/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "model/model.h"
#include "model/print.h"

static const int64_t settle_ns = 1000000000;

static bool choose_cache(char out[PUBLISH_PATH_SIZE], const char *cache, struct error *err)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool fits;
    if (cache != NULL)
        fits = print_fits(out, PUBLISH_PATH_SIZE, "%s", cache);
    else if (xdg != NULL && xdg[0] == '/') /* the XDG Base Directory Specification ignores others */
        fits = print_fits(out, PUBLISH_PATH_SIZE, "%s/digitd", xdg);
    else if (home != NULL && home[0] == '/')
        fits = print_fits(out, PUBLISH_PATH_SIZE, "%s/.cache/digitd", home);
    else
        fits = print_fits(out, PUBLISH_PATH_SIZE, "/var/cache/digitd");
    return fits || error_set(err, ERROR_BAD_ARGUMENT,
                             "the path of the cache folder is too long; name a shorter one with "
                             "--cache");
}

static bool stop_at_once(void *context)
{
    (void)context;
    return false;
}

/* Whether the URL can be asked at all, without waiting for an answer. */
static bool check_url(const struct source *s, struct error *err)
{
    char path[PUBLISH_PATH_SIZE];
    struct store_entry entry;
    struct store_options options = s->store;
    struct error why = {0};
    options.attempts = 1;
    options.go_on = stop_at_once;
    if (publish_cached(path, s->location, s->cache, &why) || why.code == ERROR_NOT_FOUND) {
        why = (struct error){0};
        (void)!store_look(&entry, s->location, &options, &why);
    }
    return why.code != ERROR_BAD_ARGUMENT || error_set(err, why.code, "%s", why.text);
}

bool source_open(struct source *s, const char *location, const char *cache,
                 const struct store_options *store, struct error *err)
{
    *s = (struct source){.location = location, .is_url = store_is_url(location), .store = *store};
    return !s->is_url || (choose_cache(s->cache, cache, err) && check_url(s, err));
}

bool source_find(const struct source *s, char path[PUBLISH_PATH_SIZE], struct error *err)
{
    if (s->is_url)
        return publish_fetch(path, s->location, s->cache, &s->store, err);
    if (print_fits(path, PUBLISH_PATH_SIZE, "%s", s->location))
        return true;
    return error_set(err, ERROR_BAD_ARGUMENT, "the model's path is too long");
}

bool source_copy(const struct source *s, char path[PUBLISH_PATH_SIZE], struct error *err)
{
    if (s->is_url)
        return publish_cached(path, s->location, s->cache, err);
    return error_set(err, ERROR_NOT_FOUND, "there is no copy of a local file");
}

static int64_t nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The change time is what tells: it moves with every write and rename, whoever sets the other. */
static void stamp_file(struct source_file *out, const char *path)
{
    struct stat status;
    *out = (struct source_file){0};
    if (stat(path, &status) != 0)
        return;
    out->device = status.st_dev;
    out->number = status.st_ino;
    out->len = (uint64_t)status.st_size;
    out->written_ns = nanoseconds(status.st_mtim);
    out->changed_ns = nanoseconds(status.st_ctim);
}

void source_stamp(struct source_stamp *out, const char *path)
{
    char card[PUBLISH_PATH_SIZE + sizeof ".json"];
    (void)snprintf(card, sizeof card, "%.*s.json", (int)model_stem_len(path), path);
    stamp_file(&out->weights, path);
    stamp_file(&out->card, card);
}

bool source_stamps_equal(const struct source_stamp *a, const struct source_stamp *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* A file from the future is as good as an old one: its clock is not ours. */
static bool is_settled(const struct source_file *file, int64_t now_ns)
{
    return file->changed_ns > now_ns || now_ns - file->changed_ns >= settle_ns;
}

bool source_is_settled(const struct source_stamp *stamp)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return is_settled(&stamp->weights, nanoseconds(now)) &&
           is_settled(&stamp->card, nanoseconds(now));
}

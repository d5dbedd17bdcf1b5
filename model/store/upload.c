/*
 * Uploads: sent, compared, and tidied up after. One thread a call; no state of its own.
 *
 * A client that is cut off in the middle of an upload leaves a file that is short and looks whole:
 * the DataNode closes what it has. So nothing is written under a name that anybody reads. Each
 * attempt has a temporary name of its own, so that what is left of one that failed cannot get in
 * the way of the next; the length is compared and all of it is read back before it is renamed.
 */
#include "model/store/upload.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/store/local.h"
#include "model/store/retry.h"
#include "model/store/temporary.h"

enum {
    LEFT_MAX = 64,
    CLEAN_CONNECT_MS = 2000,
    CLEAN_TOTAL_MS = 5000,
    CLEAN_TICK_MS = 200,
    CLEAN_TICKS = 10,
};

struct upload {
    const struct store_options *options;
    struct store_staged *out;
    const char *path;
    const char *sha256; /* that it must have; or NULL */
    const char *url;
    int fd;
    uint64_t len;
    uint64_t number; /* of the first attempt's temporary name; counted on from there */
    uint64_t attempts;
    uint64_t left;  /* a bit for each of the first attempts whose file may be there */
    uint64_t moved; /* bytes, there and back */
    struct sha256 state;
};

static bool give_file(void *context, void *buffer, size_t size, size_t *got, struct error *err)
{
    struct upload *s = context;
    if (!local_read(s->fd, buffer, size, got, s->path, err))
        return false;
    sha256_add(&s->state, buffer, *got);
    s->moved += *got;
    s->options->progress(s->options->context, s->moved, 2 * s->len);
    return true;
}

static bool take_back(void *context, const void *bytes, size_t len, struct error *err)
{
    struct upload *s = context;
    (void)err;
    sha256_add(&s->state, bytes, len);
    s->moved += len;
    s->options->progress(s->options->context, s->moved, 2 * s->len);
    return true;
}

static bool send(struct webhdfs *w, struct upload *s, const char *temporary,
                 char sha256[FILE_SHA256_SIZE], struct error *err)
{
    sha256_begin(&s->state);
    if (lseek(s->fd, 0, SEEK_SET) != 0)
        return error_set(err, ERROR_FILE, "cannot read '%s' once more", s->path);
    if (!webhdfs_write(w, temporary, s->len, give_file, s, err))
        return false;
    sha256_end(&s->state, sha256);
    return s->sha256 == NULL || strcmp(s->sha256, sha256) == 0 ||
           error_set(err, ERROR_FILE, "'%s' has changed meanwhile; try again", s->path);
}

static bool compare(struct webhdfs *w, struct upload *s, const char *temporary, const char *sha256,
                    struct error *err)
{
    char found[FILE_SHA256_SIZE];
    struct store_entry entry;
    if (!webhdfs_look(w, temporary, &entry, &s->out->id, err))
        return false;
    if (entry.len != s->len)
        return error_set(err, ERROR_STORE_DOWN, "of the %ju bytes of '%s' only %ju arrived",
                         (uintmax_t)s->len, s->path, (uintmax_t)entry.len);
    sha256_begin(&s->state);
    if (!webhdfs_read(w, temporary, take_back, s, err))
        return false;
    sha256_end(&s->state, found);
    return strcmp(found, sha256) == 0 ||
           error_set(err, ERROR_STORE_DOWN, "what arrived of '%s' is not what was sent", s->path);
}

/* Whether a DataNode may still make the file that a failed attempt has asked it for: it may not
 * have looked yet at what came before the end of the connection. Where it has answered, it will
 * not. */
static bool may_come_later(const struct upload *s, enum error_code why)
{
    return s->moved > 0 && (why == ERROR_STORE_DOWN || why == ERROR_FILE);
}

/* What failed is removed at once: it counts for a quota. */
static bool send_and_compare(struct webhdfs *w, struct upload *s, const char *temporary,
                             uint64_t attempt, struct error *err)
{
    char sha256[FILE_SHA256_SIZE];
    struct error why = {0}, unsaid = {0};
    s->moved = 0;
    if (send(w, s, temporary, sha256, &why) && compare(w, s, temporary, sha256, &why))
        return true;
    if (!webhdfs_delete(w, temporary, &unsaid) && attempt < LEFT_MAX &&
        (unsaid.code != ERROR_NOT_FOUND || may_come_later(s, why.code)))
        s->left |= UINT64_C(1) << attempt;
    return error_set(err, why.code, "%s", why.text);
}

static bool attempt_upload(struct webhdfs *w, void *context, struct error *err)
{
    struct upload *s = context;
    char temporary[STORE_URL_SIZE];
    uint64_t attempt = s->attempts++, number = s->number + attempt;
    return temporary_name(temporary, sizeof temporary, w->url.path, number, err) &&
           temporary_name(s->out->url, sizeof s->out->url, s->url, number, err) &&
           send_and_compare(w, s, temporary, attempt, err);
}

static bool attempt_remove(struct webhdfs *w, void *context, struct error *err)
{
    return webhdfs_delete(w, context, err);
}

/* False when the store cannot be reached any more. */
static bool remove_left(struct upload *s, struct webhdfs *w)
{
    for (uint64_t i = 0; i < LEFT_MAX; i++) {
        char temporary[STORE_URL_SIZE];
        struct error why = {0};
        if ((s->left >> i & 1) == 0)
            continue;
        if (!temporary_name(temporary, sizeof temporary, w->url.path, s->number + i, &why) ||
            retry_run(w, attempt_remove, temporary, &why))
            s->left &= ~(UINT64_C(1) << i);
        else if (why.code == ERROR_STORE_DOWN)
            return false;
    }
    return true;
}

static bool always(void *context)
{
    (void)context;
    return true;
}

/* Removes what failed attempts left, or may have left: for two seconds it may still come. Nobody is
 * asked whether to go on with that, but it must not take long. */
static void clean_up(struct upload *s)
{
    struct webhdfs w;
    struct error unsaid = {0};
    struct store_options o = *s->options;
    const struct timespec tick = {.tv_nsec = CLEAN_TICK_MS * 1000000};
    o.connect_ms = o.connect_ms > CLEAN_CONNECT_MS ? CLEAN_CONNECT_MS : o.connect_ms;
    o.total_ms = o.total_ms > CLEAN_TOTAL_MS ? CLEAN_TOTAL_MS : o.total_ms;
    o.attempts = 1;
    o.go_on = always;
    if (s->left == 0 || !webhdfs_open(&w, s->url, &o, &unsaid))
        return;
    for (int i = 0; i < CLEAN_TICKS && remove_left(s, &w) && s->left != 0; i++)
        (void)nanosleep(&tick, NULL);
    webhdfs_close(&w);
}

bool upload_stage(struct store_staged *out, const char *path, const char *sha256, const char *url,
                  const struct store_options *options, struct error *err)
{
    struct webhdfs w;
    struct upload s = {.options = options, .out = out, .path = path, .sha256 = sha256, .url = url};
    if (!temporary_number(&s.number, err) || !webhdfs_open(&w, url, options, err))
        return false;
    s.fd = local_open(path, &s.len, err);
    bool ok = s.fd >= 0 && retry_run(&w, attempt_upload, &s, err);
    if (s.fd >= 0)
        (void)close(s.fd);
    webhdfs_close(&w);
    clean_up(&s);
    return ok;
}

/*
 * HDFS as a store, the plug-in: whole files there and back, verified. Any number of threads; each
 * call has a connection of its own.
 *
 * A client that is cut off in the middle of an upload leaves a file that is short and looks whole:
 * the DataNode closes what it has. So nothing is written under a name that anybody reads. Each
 * attempt to upload has a temporary name of its own, so that what is left of one that failed
 * cannot get in the way of the next; the length is compared and all of it is read back before it is
 * renamed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/store/local.h"
#include "model/store/retry.h"
#include "model/store/temporary.h"
#include "model/store/type.h"

/* ---- looking -------------------------------------------------------------------------------- */

struct look {
    struct store_entry *out;
    uint64_t id;
};

static bool attempt_look(struct webhdfs *w, void *context, struct error *err)
{
    struct look *l = context;
    return webhdfs_look(w, w->url.path, l->out, &l->id, err);
}

static bool hdfs_look(struct store_entry *out, const char *url, const struct store_options *options,
                      struct error *err)
{
    struct webhdfs w;
    struct look l = {.out = out};
    if (!webhdfs_open(&w, url, options, err))
        return false;
    bool ok = retry_run(&w, attempt_look, &l, err);
    webhdfs_close(&w);
    return ok;
}

static bool attempt_list(struct webhdfs *w, void *context, struct error *err)
{
    return webhdfs_list(w, w->url.path, context, err);
}

static bool hdfs_list(struct store_entry **out, size_t *count, const char *url,
                      const struct store_options *options, struct error *err)
{
    struct webhdfs w;
    struct answer_list list = {0};
    if (!webhdfs_open(&w, url, options, err))
        return false;
    bool ok = retry_run(&w, attempt_list, &list, err);
    webhdfs_close(&w);
    /* An empty list is a list as well: something for the caller to free. */
    if (ok && list.entries == NULL && (list.entries = malloc(sizeof *list.entries)) == NULL)
        ok = error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a list of files");
    if (!ok) {
        free(list.entries);
        return false;
    }
    *out = list.entries;
    *count = list.count;
    return true;
}

/* ---- from HDFS ------------------------------------------------------------------------------ */

struct fetch {
    const struct store_options *options;
    struct local_file file;
    uint64_t total;
};

static bool take_file(void *context, const void *bytes, size_t len, struct error *err)
{
    struct fetch *f = context;
    if (len > f->total - f->file.len)
        return error_set(err, ERROR_STORE_DOWN, "a file became longer while it was fetched");
    if (!local_write(&f->file, bytes, len, err))
        return false;
    f->options->progress(f->options->context, f->file.len, f->total);
    return true;
}

static bool attempt_fetch(struct webhdfs *w, void *context, struct error *err)
{
    struct fetch *f = context;
    struct store_entry entry;
    uint64_t id;
    if (!webhdfs_look(w, w->url.path, &entry, &id, err))
        return false;
    if (entry.is_folder)
        return error_set(err, ERROR_STORE, "'%s' is a folder and not a file", w->url.path);
    f->total = entry.len;
    if (!local_empty(&f->file, err) || !webhdfs_read(w, w->url.path, take_file, f, err))
        return false;
    return f->file.len == f->total ||
           error_set(err, ERROR_STORE_DOWN, "of the %ju bytes of '%s' only %ju came",
                     (uintmax_t)f->total, w->url.path, (uintmax_t)f->file.len);
}

static bool hdfs_fetch(const char *url, const char *path, const struct store_options *options,
                       struct error *err)
{
    struct webhdfs w;
    struct fetch f = {.options = options};
    if (!webhdfs_open(&w, url, options, err))
        return false;
    bool ok = local_begin(&f.file, path, err);
    if (ok && !retry_run(&w, attempt_fetch, &f, err)) {
        local_abandon(&f.file);
        ok = false;
    }
    webhdfs_close(&w);
    return ok && local_finish(&f.file, err) && local_rename(f.file.path, path, err);
}

/* ---- to HDFS -------------------------------------------------------------------------------- */

struct stage {
    const struct store_options *options;
    struct store_staged *out;
    const char *path;
    const char *sha256; /* that it must have; or NULL */
    const char *url;
    int fd;
    uint64_t len;
    uint64_t number; /* of the first attempt's temporary name; counted on from there */
    uint64_t attempts;
    uint64_t moved; /* bytes, there and back */
    struct sha256 state;
};

static bool give_file(void *context, void *buffer, size_t size, size_t *got, struct error *err)
{
    struct stage *s = context;
    if (!local_read(s->fd, buffer, size, got, s->path, err))
        return false;
    sha256_add(&s->state, buffer, *got);
    s->moved += *got;
    s->options->progress(s->options->context, s->moved, 2 * s->len);
    return true;
}

static bool take_back(void *context, const void *bytes, size_t len, struct error *err)
{
    struct stage *s = context;
    (void)err;
    sha256_add(&s->state, bytes, len);
    s->moved += len;
    s->options->progress(s->options->context, s->moved, 2 * s->len);
    return true;
}

static bool send(struct webhdfs *w, struct stage *s, const char *temporary,
                 char sha256[FILE_SHA256_SIZE], struct error *err)
{
    s->moved = 0;
    sha256_begin(&s->state);
    if (lseek(s->fd, 0, SEEK_SET) != 0)
        return error_set(err, ERROR_FILE, "cannot read '%s' once more", s->path);
    if (!webhdfs_write(w, temporary, s->len, give_file, s, err))
        return false;
    sha256_end(&s->state, sha256);
    return s->sha256 == NULL || strcmp(s->sha256, sha256) == 0 ||
           error_set(err, ERROR_FILE, "'%s' has changed meanwhile; try again", s->path);
}

static bool compare(struct webhdfs *w, struct stage *s, const char *temporary, const char *sha256,
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

/* What failed is removed at once: it counts for a quota. */
static bool send_and_compare(struct webhdfs *w, struct stage *s, const char *temporary,
                             struct error *err)
{
    char sha256[FILE_SHA256_SIZE];
    struct error unsaid = {0};
    if (send(w, s, temporary, sha256, err) && compare(w, s, temporary, sha256, err))
        return true;
    (void)!webhdfs_delete(w, temporary, &unsaid);
    return false;
}

static bool attempt_stage(struct webhdfs *w, void *context, struct error *err)
{
    struct stage *s = context;
    char temporary[STORE_URL_SIZE];
    uint64_t number = s->number + s->attempts++;
    return temporary_name(temporary, sizeof temporary, w->url.path, number, err) &&
           temporary_name(s->out->url, sizeof s->out->url, s->url, number, err) &&
           send_and_compare(w, s, temporary, err);
}

static bool attempt_remove(struct webhdfs *w, void *context, struct error *err)
{
    return webhdfs_delete(w, context, err);
}

static bool always(void *context)
{
    (void)context;
    return true;
}

/* Removes what the first `count` attempts left and could not remove. Nobody is asked whether to go
 * on with that, but it must not take long. */
static void clean_up(const struct stage *s, uint64_t count)
{
    struct webhdfs w;
    struct error why = {0};
    struct store_options o = *s->options;
    if (o.connect_ms > 2000)
        o.connect_ms = 2000;
    if (o.total_ms > 5000)
        o.total_ms = 5000;
    o.attempts = 1;
    o.go_on = always;
    if (!webhdfs_open(&w, s->url, &o, &why))
        return;
    for (uint64_t i = 0; i < count && why.code != ERROR_STORE_DOWN; i++) {
        char temporary[STORE_URL_SIZE];
        why = (struct error){0};
        if (temporary_name(temporary, sizeof temporary, w.url.path, s->number + i, &why))
            (void)!retry_run(&w, attempt_remove, temporary, &why);
    }
    webhdfs_close(&w);
}

static bool hdfs_stage(struct store_staged *out, const char *path, const char *sha256,
                       const char *url, const struct store_options *options, struct error *err)
{
    struct webhdfs w;
    struct stage s = {.options = options, .out = out, .path = path, .sha256 = sha256, .url = url};
    if (!temporary_number(&s.number, err) || !webhdfs_open(&w, url, options, err))
        return false;
    s.fd = local_open(path, &s.len, err);
    bool ok = s.fd >= 0 && retry_run(&w, attempt_stage, &s, err);
    if (s.fd >= 0)
        (void)close(s.fd);
    webhdfs_close(&w);
    clean_up(&s, ok ? s.attempts - 1 : s.attempts);
    return ok;
}

struct commit {
    const struct store_staged *staged;
    struct hdfs_url from;
};

/* A rename may have been done though its answer was lost: then the next attempt finds nothing to
 * rename, and the file, which keeps its id, is in its place. */
static bool attempt_commit(struct webhdfs *w, void *context, struct error *err)
{
    const struct commit *c = context;
    struct error why = {0}, unsaid = {0};
    struct store_entry entry;
    uint64_t id;
    if (webhdfs_rename(w, c->from.path, w->url.path, &why))
        return true;
    if (why.code == ERROR_NOT_FOUND && c->staged->id != 0 &&
        webhdfs_look(w, w->url.path, &entry, &id, &unsaid) && id == c->staged->id)
        return true;
    return error_set(err, why.code, "%s", why.text);
}

static bool hdfs_commit(const struct store_staged *staged, const char *url,
                        const struct store_options *options, struct error *err)
{
    struct webhdfs w;
    struct commit c = {.staged = staged};
    if (!url_parse(&c.from, staged->url, options->hdfs_http_port, err) ||
        !webhdfs_open(&w, url, options, err))
        return false;
    bool ok = retry_run(&w, attempt_commit, &c, err);
    webhdfs_close(&w);
    return ok;
}

static bool hdfs_remove(const char *url, const struct store_options *options, struct error *err)
{
    struct webhdfs w;
    if (!webhdfs_open(&w, url, options, err))
        return false;
    bool ok = retry_run(&w, attempt_remove, w.url.path, err);
    webhdfs_close(&w);
    return ok;
}

extern __attribute__((visibility("default"))) const struct store_type digit_store_hdfs;

const struct store_type digit_store_hdfs = {
    .look = hdfs_look,
    .list = hdfs_list,
    .fetch = hdfs_fetch,
    .stage = hdfs_stage,
    .commit = hdfs_commit,
    .remove = hdfs_remove,
};

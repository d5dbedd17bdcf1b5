/*
 * HDFS as a store, the plug-in: its table of functions, and those that do not need a room of their
 * own. Any number of threads; each call has a connection of its own.
 */
#include <stdint.h>
#include <stdlib.h>

#include "model/store/local.h"
#include "model/store/retry.h"
#include "model/store/type.h"
#include "model/store/upload.h"

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

static bool attempt_remove(struct webhdfs *w, void *context, struct error *err)
{
    return webhdfs_delete(w, context, err);
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
    .stage = upload_stage,
    .commit = hdfs_commit,
    .remove = hdfs_remove,
};

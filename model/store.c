/*
 * The table of schemes. Any thread; no state. Knows no store but by its table of functions.
 */
#include "model/store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/plugin.h"
#include "model/print.h"
#include "model/store/temporary.h"
#include "model/store/type.h"

static const struct scheme {
    const char *name;
    const struct store_type *type; /* NULL: it is in the plug-in */
} schemes[] = {
    {"file", &store_type_file},
    {"webhdfs", NULL},
    {"swebhdfs", NULL},
    {"hdfs", NULL},
};

static const struct store_options defaults = {
    .hdfs_http_port = 9870,
    .connect_ms = 5000,
    .stall_ms = 15000,
    .total_ms = 600000,
    .attempts = 5,
};

static const int64_t stale_ms = INT64_C(24) * 60 * 60 * 1000;

static size_t scheme_len(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return len > 0 && strncmp(text + len, "://", 3) == 0 ? len : 0;
}

bool store_is_url(const char *text)
{
    return scheme_len(text) > 0;
}

static bool load_hdfs(const struct store_type **out, struct error *err)
{
    const void *symbol;
    struct error why = {0};
    if (!plugin_symbol(&symbol, STORE_HDFS_PLUGIN, STORE_HDFS_SYMBOL, &why))
        return error_set(err, why.code == ERROR_NOT_FOUND ? ERROR_BAD_ARGUMENT : why.code,
                         "HDFS needs libcurl%s: %s",
                         why.code == ERROR_NOT_FOUND ? " (build with libcurl's headers installed)"
                                                     : "",
                         why.text);
    *out = symbol;
    return true;
}

static bool type_of(const struct store_type **out, const char *url, struct error *err)
{
    size_t len = scheme_len(url);
    *out = &store_type_file;
    if (strlen(url) >= STORE_URL_SIZE)
        return error_set(err, ERROR_BAD_ARGUMENT, "'%.60s...' is too long for a URL", url);
    if (len == 0)
        return true;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const struct scheme *s = &schemes[i];
        if (strlen(s->name) != len || memcmp(s->name, url, len) != 0)
            continue;
        *out = s->type;
        return s->type != NULL || load_hdfs(out, err);
    }
    return error_set(err, ERROR_BAD_ARGUMENT,
                     "'%.*s' is no store that is known here; there are: file, webhdfs, swebhdfs, "
                     "hdfs",
                     (int)len, url);
}

static bool always(void *context)
{
    (void)context;
    return true;
}

static void nobody(void *context, uint64_t done, uint64_t total)
{
    (void)context;
    (void)done;
    (void)total;
}

static void or_default(size_t *value, size_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static struct store_options completed(const struct store_options *options)
{
    struct store_options out = options == NULL ? defaults : *options;
    or_default(&out.hdfs_http_port, defaults.hdfs_http_port);
    or_default(&out.connect_ms, defaults.connect_ms);
    or_default(&out.stall_ms, defaults.stall_ms);
    or_default(&out.total_ms, defaults.total_ms);
    or_default(&out.attempts, defaults.attempts);
    if (out.go_on == NULL)
        out.go_on = always;
    if (out.progress == NULL)
        out.progress = nobody;
    return out;
}

bool store_look(struct store_entry *out, const char *url, const struct store_options *options,
                struct error *err)
{
    const struct store_type *type;
    const struct store_options o = completed(options);
    return type_of(&type, url, err) && type->look(out, url, &o, err);
}

static int by_name(const void *a, const void *b)
{
    const struct store_entry *left = a, *right = b;
    return strcmp(left->name, right->name);
}

bool store_list(struct store_entry **out, size_t *count, const char *url,
                const struct store_options *options, struct error *err)
{
    const struct store_type *type;
    const struct store_options o = completed(options);
    if (!type_of(&type, url, err) || !type->list(out, count, url, &o, err))
        return false;
    qsort(*out, *count, sizeof **out, by_name);
    return true;
}

bool store_fetch(const char *url, const char *path, const struct store_options *options,
                 struct error *err)
{
    const struct store_type *type;
    const struct store_options o = completed(options);
    return type_of(&type, url, err) && type->fetch(url, path, &o, err);
}

bool store_stage(struct store_staged *out, const char *path, const char *sha256, const char *url,
                 const struct store_options *options, struct error *err)
{
    const struct store_type *type;
    const struct store_options o = completed(options);
    size_t len = strlen(url);
    if (len == 0 || url[len - 1] == '/')
        return error_set(err, ERROR_BAD_ARGUMENT, "'%s' must end in the name of a file", url);
    return type_of(&type, url, err) && type->stage(out, path, sha256, url, &o, err);
}

/* Fills `out` with the URL of the file `name` beside the one at `url`. */
static bool beside(char out[STORE_URL_SIZE], const char *url, const char *name)
{
    const char *slash = strrchr(url, '/');
    return print_fits(out, STORE_URL_SIZE, "%.*s%s", slash == NULL ? 0 : (int)(slash - url) + 1,
                      url, name);
}

/* What killed processes left behind. It is a courtesy: nothing is said when it fails. A day by our
 * clock and the store's: nobody else's upload takes that long. */
static void remove_stale(const struct store_type *type, const char *url,
                         const struct store_options *options)
{
    struct store_options once = *options, *o = &once;
    char other[STORE_URL_SIZE];
    struct error unsaid = {0};
    struct store_entry *entries;
    size_t count;
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    once.attempts = 1;
    if (!beside(other, url, "") ||
        !type->list(&entries, &count, other[0] ? other : ".", o, &unsaid))
        return;
    for (size_t i = 0; i < count; i++) {
        const struct store_entry *e = &entries[i];
        if (!e->is_folder && now_ms - e->modified_ms > stale_ms && temporary_is_of(e->name, url) &&
            beside(other, url, e->name))
            (void)!type->remove(other, o, &unsaid);
    }
    free(entries);
}

bool store_commit(const struct store_staged *staged, const char *url,
                  const struct store_options *options, struct error *err)
{
    const struct store_type *type;
    const struct store_options o = completed(options);
    if (!type_of(&type, url, err) || !type->commit(staged, url, &o, err))
        return false;
    remove_stale(type, url, &o);
    return true;
}

bool store_remove(const char *url, const struct store_options *options, struct error *err)
{
    const struct store_type *type;
    const struct store_options o = completed(options);
    return type_of(&type, url, err) && type->remove(url, &o, err);
}

bool store_publish(const char *path, const char *url, const struct store_options *options,
                   struct error *err)
{
    struct store_staged staged;
    struct error unsaid = {0};
    if (!store_stage(&staged, path, NULL, url, options, err))
        return false;
    if (store_commit(&staged, url, options, err))
        return true;
    (void)!store_remove(staged.url, options, &unsaid);
    return false;
}

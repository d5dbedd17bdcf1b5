/*
 * The site's files, and which of their forms goes to whom. Runs on the exchange's loop; everything
 * here is constant. Knows nothing of what is in the files.
 */
#include "server/site.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum coding { CODING_NONE, CODING_GZIP, CODING_BROTLI, CODINGS };

struct form {
    const char *start; /* as long as nothing: the file has no such form */
    const char *end;
    const char *etag; /* each form has its own (RFC 9110, section 8.8.3.3) */
};

struct site_file {
    const char *path;
    const char *type;
    const char *hash; /* of the file as it was; part of the ETag of every form */
    struct form forms[CODINGS];
};

/* The files themselves stand in site_files.S, which pack.py writes beside the list of them. */
#define SITE_FILE(n, path, type, hash)                                               \
    extern const char site_##n##_plain[], site_##n##_plain_end[], site_##n##_gzip[], \
        site_##n##_gzip_end[], site_##n##_br[], site_##n##_br_end[];
#include "site_files.inc"
#undef SITE_FILE

static const struct site_file files[] = {
#define SITE_FILE(n, path, type, hash)                             \
    {path,                                                         \
     type,                                                         \
     hash,                                                         \
     {{site_##n##_plain, site_##n##_plain_end, "\"" hash "\""},    \
      {site_##n##_gzip, site_##n##_gzip_end, "\"" hash "-gzip\""}, \
      {site_##n##_br, site_##n##_br_end, "\"" hash "-br\""}}},
#include "site_files.inc"
#undef SITE_FILE
};

static const char *const coding_names[CODINGS] = {NULL, "gzip", "br"};

/* Pages run their own scripts and styles only, talk to this server only, and are in nobody's frame.
 */
static const char *const fields[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
     "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(self), microphone=(), geolocation=()"},
    {"Cache-Control", "no-cache"}, /* kept, but asked for again: usually a 304 */
    {"Vary", "Accept-Encoding"},
};

/* What people and browsers ask for, too, and where it is; relative, as all links of the site are.
 */
static const char *const moved[][2] = {
    {"/docs/", "../docs"},
    {"/index.html", "./"},
    {"/favicon.ico", "web/icon.svg"},
};

static const struct site_file *find(const char *path)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    return NULL;
}

static const char *new_place(const char *path)
{
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        if (strcmp(moved[i][0], path) == 0)
            return moved[i][1];
    return NULL;
}

bool site_has(const char *path)
{
    return find(path) != NULL || new_place(path) != NULL;
}

static bool is_nought(const char *weight)
{
    if (strncasecmp(weight, "q=0", 3) != 0)
        return false;
    weight += 3;
    weight += strspn(weight, ".0");
    return strchr(",; \t", *weight) != NULL;
}

/* Whether a list such as "gzip;q=0.5, br, deflate;q=0" has the coding, and not at a weight of 0. */
static bool accepts(const char *list, const char *coding)
{
    const size_t len = strlen(coding);
    while (*list != '\0') {
        list += strspn(list, ", \t");
        const size_t name = strcspn(list, ",; \t");
        if (name == len && strncasecmp(list, coding, len) == 0)
            return !is_nought(list + name + strspn(list + name, "; \t"));
        list += strcspn(list, ",");
    }
    return false;
}

static bool has_form(const struct site_file *file, enum coding coding)
{
    return file->forms[coding].start != file->forms[coding].end;
}

/* The smallest form that the client takes. Files too large to be kept twice have only compressed
 * forms: a client that says nothing takes any (RFC 9110, section 12.5.3). */
static enum coding choose(const struct site_file *file, const char *accepted)
{
    for (enum coding c = CODINGS - 1; c > CODING_NONE; c--)
        if (has_form(file, c) && accepted != NULL && accepts(accepted, coding_names[c]))
            return c;
    return has_form(file, CODING_NONE) ? CODING_NONE : CODING_GZIP;
}

static bool client_has(const struct http_exchange *ex, const struct site_file *file)
{
    const char *tags = http_header(ex, "If-None-Match");
    return tags != NULL && (strcmp(tags, "*") == 0 || strstr(tags, file->hash) != NULL);
}

static void send_file(struct http_exchange *ex, const struct site_file *file)
{
    const enum coding coding = choose(file, http_header(ex, "Accept-Encoding"));
    const struct form *form = &file->forms[coding];
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        http_reply_header(ex, fields[i][0], fields[i][1]);
    http_reply_header(ex, "ETag", form->etag);
    if (client_has(ex, file)) {
        http_reply_static(ex, 304, NULL, "", 0);
        return;
    }
    if (coding != CODING_NONE)
        http_reply_header(ex, "Content-Encoding", coding_names[coding]);
    http_reply_static(ex, 200, file->type, form->start, (size_t)(form->end - form->start));
}

void site_send(struct http_exchange *ex, void *context)
{
    const struct site_file *file = find(http_path(ex));
    (void)context;
    if (file != NULL) {
        send_file(ex, file);
        return;
    }
    http_reply_header(ex, "Location", new_place(http_path(ex)));
    http_reply_static(ex, 308, NULL, "", 0);
}

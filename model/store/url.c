/*
 * Pure functions over texts; any thread. Knows nothing of requests and answers.
 */
#include "model/store/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PORT_MAX = 65535, HTTP_PORT = 80, HTTPS_PORT = 443 };

static const char prefix[] = "/webhdfs/v1";
static const char unreserved[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

static const struct hdfs_scheme {
    const char *start;
    bool tls;
    bool http_port; /* whether the URL's own port is an HTTP port */
    unsigned port;
} schemes[] = {
    {"webhdfs://", false, true, 9870},
    {"swebhdfs://", true, true, 9871},
    {"hdfs://", false, false, 0},
};

static bool parse_port(unsigned *out, const char *text, size_t len)
{
    unsigned port = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    *out = port;
    return port > 0 && port <= PORT_MAX;
}

/* HOST[:PORT]. Leaves the port as it is when there is none. */
static bool parse_node(struct url_node *out, const char *text, size_t len)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    const char *bracket = len > 0 && text[0] == '[' ? memchr(text, ']', len) : NULL;
    size_t host_len = bracket == NULL ? 0 : (size_t)(bracket - text) + 1;
    if (bracket == NULL) {
        const char *colon = memchr(text, ':', len);
        host_len = colon == NULL ? len : (size_t)(colon - text);
    }
    if (host_len == 0 || host_len >= URL_HOST_SIZE)
        return false;
    memcpy(out->host, text, host_len);
    out->host[host_len] = '\0';
    bool known = bracket == NULL
                     ? strspn(out->host, letters) == host_len
                     : strspn(out->host + 1, "0123456789abcdefABCDEF:.") == host_len - 2;
    if (!known)
        return false;
    return host_len == len || (text[host_len] == ':' &&
                               parse_port(&out->port, text + host_len + 1, len - host_len - 1));
}

static bool parse_nodes(struct hdfs_url *out, const char *text, size_t len, unsigned port,
                        bool http_port)
{
    size_t at = 0;
    while (at <= len) {
        const char *comma = memchr(text + at, ',', len - at);
        size_t part = comma == NULL ? len - at : (size_t)(comma - text) - at;
        if (out->count == URL_NODES_MAX)
            return false;
        struct url_node *node = &out->nodes[out->count++];
        node->port = port;
        if (!parse_node(node, text + at, part))
            return false;
        if (!http_port)
            node->port = port;
        at += part + 1;
    }
    return true;
}

/* Copies the path without its empty parts. */
static bool parse_path(struct hdfs_url *out, const char *text)
{
    size_t used = 0;
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    while (*text != '\0') {
        text += strspn(text, "/");
        size_t len = strcspn(text, "/");
        if (len == 0)
            break;
        if ((len == 1 && text[0] == '.') || (len == 2 && text[0] == '.' && text[1] == '.') ||
            used + len + 2 > sizeof out->path)
            return false;
        out->path[used++] = '/';
        memcpy(out->path + used, text, len);
        used += len;
        text += len;
    }
    if (used == 0)
        out->path[used++] = '/';
    out->path[used] = '\0';
    return true;
}

bool url_parse(struct hdfs_url *out, const char *url, size_t http_port, struct error *err)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const struct hdfs_scheme *s = &schemes[i];
        size_t len = strlen(s->start);
        if (strncmp(url, s->start, len) != 0)
            continue;
        const char *nodes = url + len;
        size_t nodes_len = strcspn(nodes, "/");
        *out = (struct hdfs_url){.tls = s->tls};
        if (memchr(nodes, '@', nodes_len) != NULL)
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "a URL of HDFS names no user; there is an option for that");
        if (!parse_nodes(out, nodes, nodes_len, s->http_port ? s->port : (unsigned)http_port,
                         s->http_port))
            return error_set(
                err, ERROR_BAD_ARGUMENT,
                "'%s' must name 1 to %d NameNodes as %sHOST[:PORT],HOST[:PORT].../path", url,
                URL_NODES_MAX, s->start);
        if (nodes[nodes_len] != '/' || !parse_path(out, nodes + nodes_len))
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "'%s' must end in an absolute path without '.', '..' and control "
                             "characters",
                             url);
        return true;
    }
    return error_set(err, ERROR_BAD_ARGUMENT, "'%s' is no URL of HDFS", url);
}

bool url_encode(char *out, size_t size, const char *text, const char *keep)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t used = strlen(out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (used + 4 > size)
            return false;
        if (strchr(unreserved, c) != NULL || strchr(keep, c) != NULL) {
            out[used++] = (char)c;
        } else {
            out[used++] = '%';
            out[used++] = digits[c >> 4];
            out[used++] = digits[c & 15];
        }
        out[used] = '\0';
    }
    return true;
}

static bool build(char **out, bool tls, const struct url_node *node, const char *path,
                  const char *query, const char *more, struct error *err)
{
    char encoded[3 * STORE_URL_SIZE + 4] = "";
    if (!url_encode(encoded, sizeof encoded, path, "/"))
        return error_set(err, ERROR_BAD_ARGUMENT, "a path is too long");
    if (asprintf(out, "%s://%s:%u%s%s?%s%s", tls ? "https" : "http", node->host, node->port, prefix,
                 encoded, query, more) >= 0)
        return true;
    *out = NULL;
    return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a URL");
}

bool url_request(char **out, const struct hdfs_url *url, const struct url_node *node,
                 const char *path, const char *query, const char *more, struct error *err)
{
    return build(out, url->tls, node, path, query, more, err);
}

static bool is_allowed(const struct url_node *host, const char *allowed)
{
    while (*allowed != '\0') {
        size_t len = strcspn(allowed, ",");
        struct url_node one = {.port = host->port};
        if (parse_node(&one, allowed, len) && strcasecmp(one.host, host->host) == 0 &&
            one.port == host->port)
            return true;
        allowed += len + (allowed[len] == ',');
    }
    return false;
}

static bool check_host(struct url_node *host, const char *authority, size_t len,
                       const char *allowed, struct error *err)
{
    if (!parse_node(host, authority, len))
        return error_set(err, ERROR_STORE, "the NameNode sends us to a URL without a proper host");
    if (strncmp(authority + len, prefix, sizeof prefix - 1) != 0 ||
        authority[len + sizeof prefix - 1] != '/')
        return error_set(err, ERROR_STORE,
                         "the NameNode sends us to %.100s:%u, but not to WebHDFS there", host->host,
                         host->port);
    if (allowed != NULL && !is_allowed(host, allowed))
        return error_set(err, ERROR_STORE,
                         "the NameNode sends us to %.100s:%u, which is none of the redirect hosts",
                         host->host, host->port);
    return true;
}

bool url_redirect(char **out, struct url_node *host, const char *location,
                  const struct hdfs_url *url, const char *path, const char *allowed,
                  struct error *err)
{
    const char *scheme = url->tls ? "https://" : "http://";
    size_t start = strlen(scheme);
    if (strncasecmp(location, scheme, start) != 0)
        return error_set(err, ERROR_STORE, "the NameNode sends us to a URL that is not %s", scheme);
    const char *authority = location + start;
    host->port = url->tls ? HTTPS_PORT : HTTP_PORT;
    if (!check_host(host, authority, strcspn(authority, "/?#"), allowed, err))
        return false;
    const char *query = authority + strcspn(authority, "?");
    if (*query == '?')
        query++;
    for (const char *c = query; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~' || strchr("\\#\"<>", *c) != NULL)
            return error_set(err, ERROR_STORE,
                             "the NameNode sends us to a URL with characters that do not belong "
                             "there");
    return build(out, url->tls, host, path, query, "", err);
}

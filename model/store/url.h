/*
 * URLs of HDFS, and the URLs of WebHDFS requests: parsed, built, checked.
 */
#ifndef DIGIT_STORE_URL_H
#define DIGIT_STORE_URL_H

#include <stddef.h>

#include "model/error.h"
#include "model/store.h"

enum {
    URL_NODES_MAX = 8,
    URL_HOST_SIZE = 256,
};

struct url_node {
    char host[URL_HOST_SIZE]; /* a name or an address; IPv6 in brackets */
    unsigned port;
};

struct hdfs_url {
    bool tls;
    struct url_node nodes[URL_NODES_MAX]; /* the NameNodes' HTTP ports */
    size_t count;
    char path[STORE_URL_SIZE]; /* absolute; no empty parts, no "." and no ".." */
};

/* Fills *out. `http_port` is the one of hdfs:// URLs, whose own port speaks another protocol. */
bool url_parse(struct hdfs_url *out, const char *url, size_t http_port,
               struct error *err) MUST_CHECK;

/* Writes into *out (malloc; the caller frees) the URL of a request about `path` to a NameNode.
 * `query` is what follows the `?`, and `more` is added to it. */
bool url_request(char **out, const struct hdfs_url *url, const struct url_node *node,
                 const char *path, const char *query, const char *more,
                 struct error *err) MUST_CHECK;

/* Appends `text` to `out` with all but unreserved characters (RFC 3986) and those of `keep`
 * percent-encoded. False when there is no room. */
bool url_encode(char *out, size_t size, const char *text, const char *keep);

/* Checks a URL to which a NameNode sends us about `path`, fills *host with where it leads, and
 * writes the URL to go to into *out (malloc; the caller frees). It must have the NameNode's own
 * scheme, a host, a path of WebHDFS and a query of printable ASCII; with `allowed` (HOST[:PORT],
 * commas), the host must be one of those. The path is written anew: NameNodes leave letters beyond
 * ASCII and '#' as they are. Its text may hold a token: it is not told. */
bool url_redirect(char **out, struct url_node *host, const char *location,
                  const struct hdfs_url *url, const char *path, const char *allowed,
                  struct error *err) MUST_CHECK;

#endif

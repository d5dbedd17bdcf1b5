/*
 * Stores: where files live that are named by URLs. A table of schemes leads to them.
 *
 *   path, file:///path                         this machine's files
 *   webhdfs://HOST[:PORT]/path                 HDFS by WebHDFS over HTTP (port 9870)
 *   swebhdfs://HOST[:PORT]/path                ... over TLS (port 9871)
 *   hdfs://HOST[:RPCPORT]/path                 the same as webhdfs, on the port hdfs_http_port
 *
 * Paths are taken as they are written, as Hadoop's own tools do: nothing in them is an escape.
 * HDFS's may name several NameNodes, with commas between them: webhdfs://a:9870,b:9870/path; the
 * one that is active answers. WebHDFS: Apache Hadoop, "WebHDFS REST API".
 *
 * What speaks HDFS is a plug-in, loaded by the first such URL: a program that needs none starts
 * without libcurl. All functions may be called by any thread, also at once; each blocks until it
 * is done. Errors: ERROR_STORE_DOWN where trying again later may help (not reached, safe mode, no
 * active NameNode, cut off), ERROR_NOT_FOUND, ERROR_STORE where the store said no (permission,
 * quota), ERROR_FILE for this machine's files, ERROR_BAD_ARGUMENT for URLs and options.
 */
#ifndef DIGIT_STORE_H
#define DIGIT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/file.h"

enum {
    STORE_NAME_SIZE = 256,
    STORE_URL_SIZE = 4096,
};

/* How stores are spoken to. Texts are lent. Zeros and NULLs ask for what is written behind; a NULL
 * instead of options asks for all of it. No proxy is used, whatever the environment says. */
struct store_options {
    const char *user;             /* user.name; the login name */
    const char *token_file;       /* holds a delegation token as WebHDFS writes it; none */
    bool negotiate;               /* Kerberos by SPNEGO, with the ticket at hand */
    const char *ca_file;          /* trusted for TLS; the system's */
    const char *redirect_hosts;   /* the only DataNodes (HOST[:PORT], commas) that a NameNode may
                                     send us to; any, by http or https as the NameNode itself */
    size_t hdfs_http_port;        /* of hdfs:// URLs; 9870 */
    size_t connect_ms;            /* 5,000 */
    size_t stall_ms;              /* without a byte in either direction; 15,000 */
    size_t total_ms;              /* of one transfer; 600,000 */
    size_t attempts;              /* of what may pass by itself, with growing pauses; 5 */
    bool (*go_on)(void *context); /* asked at least once a second; false ends the call with
                                     ERROR_STORE_DOWN; NULL: always */
    /* Told how far a transfer is; total is 0 while unknown. NULL: nobody. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
};

struct store_entry {
    char name[STORE_NAME_SIZE]; /* its last part */
    bool is_folder;
    uint64_t len;
    int64_t modified_ms; /* since 1970 */
};

/* Whether the text starts as a URL does (`scheme://`). */
bool store_is_url(const char *text);

/* Fills *out with what is at `url`. */
bool store_look(struct store_entry *out, const char *url, const struct store_options *options,
                struct error *err) MUST_CHECK;

/* Lists a folder into *out (malloc; the caller frees), by name in byte order. */
bool store_list(struct store_entry **out, size_t *count, const char *url,
                const struct store_options *options, struct error *err) MUST_CHECK;

/* Brings the file at `url` to `path`: into a temporary file beside it, which takes its place once
 * all of it is there. On failure `path` is as it was. */
bool store_fetch(const char *url, const char *path, const struct store_options *options,
                 struct error *err) MUST_CHECK;

/* Brings the file at `path` to `url`: under a temporary name beside it, read back and compared by
 * length and SHA-256, then renamed over what was there. Folders that are missing are made. On
 * failure what was there is whole, and the temporary file is removed, if the store can be reached;
 * one that a killed process left is removed by the next publish to that name a day later. */
bool store_publish(const char *path, const char *url, const struct store_options *options,
                   struct error *err) MUST_CHECK;

/* A file that stands beside its place under a temporary name, complete and compared. */
struct store_staged {
    char url[STORE_URL_SIZE];
    uint64_t id; /* the store's own word for the file, whatever its name; 0: it has none */
};

/* The two halves of store_publish, for files that belong together: stage all of them, then commit
 * one after the other. `sha256` is what the file must have, or NULL for whatever it has. */
bool store_stage(struct store_staged *out, const char *path, const char *sha256, const char *url,
                 const struct store_options *options, struct error *err) MUST_CHECK;
bool store_commit(const struct store_staged *staged, const char *url,
                  const struct store_options *options, struct error *err) MUST_CHECK;

/* Removes the file at `url`. */
bool store_remove(const char *url, const struct store_options *options,
                  struct error *err) MUST_CHECK;

#endif

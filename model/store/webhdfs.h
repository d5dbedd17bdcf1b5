/*
 * The operations of WebHDFS, each tried once, at the NameNode whose turn it is.
 */
#ifndef DIGIT_STORE_WEBHDFS_H
#define DIGIT_STORE_WEBHDFS_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/store.h"
#include "model/store/answer.h"
#include "model/store/transfer.h"
#include "model/store/url.h"

/* All that a call to a store holds. One thread. */
struct webhdfs {
    const struct store_options *options;
    struct hdfs_url url;
    size_t node;                 /* whose turn it is */
    char *credentials;           /* owned: "&user.name=..." or "&delegation=..." */
    struct transfer *transfer;   /* owned */
    char shunned[URL_HOST_SIZE]; /* the DataNode that failed last; empty: none */
};

/* On failure there is nothing to close. The options are lent until the end. */
bool webhdfs_open(struct webhdfs *w, const char *url, const struct store_options *options,
                  struct error *err) MUST_CHECK;
void webhdfs_close(struct webhdfs *w);

/* GETFILESTATUS. *id is the file's own number, which it keeps when it is renamed, or 0. */
bool webhdfs_look(struct webhdfs *w, const char *path, struct store_entry *out, uint64_t *id,
                  struct error *err) MUST_CHECK;

/* LISTSTATUS_BATCH, all pages. Must be freed also when it fails. */
bool webhdfs_list(struct webhdfs *w, const char *path, struct answer_list *out,
                  struct error *err) MUST_CHECK;

/* OPEN: hands the file's bytes to `take`. */
bool webhdfs_read(struct webhdfs *w, const char *path,
                  bool (*take)(void *context, const void *bytes, size_t len, struct error *err),
                  void *context, struct error *err) MUST_CHECK;

/* CREATE: a new file of `len` bytes, which come from `give`; missing folders are made. There must
 * be none of that name. When it fails, a part of the file may be there. */
bool webhdfs_write(struct webhdfs *w, const char *path, uint64_t len,
                   bool (*give)(void *context, void *buffer, size_t size, size_t *got,
                                struct error *err),
                   void *context, struct error *err) MUST_CHECK;

/* RENAME, over what is there. */
bool webhdfs_rename(struct webhdfs *w, const char *from, const char *to,
                    struct error *err) MUST_CHECK;

/* DELETE of a file. ERROR_NOT_FOUND when there is none. */
bool webhdfs_delete(struct webhdfs *w, const char *path, struct error *err) MUST_CHECK;

#endif

/*
 * What a kind of store is made of. For model/store.c and the kinds themselves.
 */
#ifndef DIGIT_STORE_TYPE_H
#define DIGIT_STORE_TYPE_H

#include "model/store.h"

/* The functions of store.h, for URLs of this kind and options without zeros: users, tokens and
 * files may be NULL, nothing else. */
struct store_type {
    bool (*look)(struct store_entry *out, const char *url, const struct store_options *options,
                 struct error *err);
    bool (*list)(struct store_entry **out, size_t *count, const char *url,
                 const struct store_options *options, struct error *err);
    bool (*fetch)(const char *url, const char *path, const struct store_options *options,
                  struct error *err);
    bool (*stage)(struct store_staged *out, const char *path, const char *sha256, const char *url,
                  const struct store_options *options, struct error *err);
    bool (*commit)(const struct store_staged *staged, const char *url,
                   const struct store_options *options, struct error *err);
    bool (*remove)(const char *url, const struct store_options *options, struct error *err);
};

/* This machine's files. */
extern const struct store_type store_type_file;

/* HDFS: the plug-in STORE_HDFS_PLUGIN exports one `struct store_type` as STORE_HDFS_SYMBOL. */
#define STORE_HDFS_PLUGIN "digit_store_hdfs.so"
#define STORE_HDFS_SYMBOL "digit_store_hdfs"

#endif

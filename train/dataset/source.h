/*
 * A folder of files, on this machine or in a store: what is in it, and a way to read it.
 */
#ifndef DIGIT_SOURCE_H
#define DIGIT_SOURCE_H

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

#include "model/error.h"
#include "model/store.h"

enum { SOURCE_PATH_SIZE = STORE_URL_SIZE + STORE_NAME_SIZE };

struct source {
    const char *where;                   /* lent: a folder's path, or its URL */
    const struct store_options *options; /* lent */
    FILE *progress;                      /* of what is brought; may be NULL */
    struct sigaction before;     /* what Ctrl-C did: until the end it stops what is brought */
    struct store_entry *entries; /* owned: count, by name */
    size_t count;
    char *copies; /* owned: the folder for what is brought from a store; NULL until there is one */
};

/* Looks what is at `where`; it and the options must last as long as the source. Progress goes to
 * `progress`, which may be NULL. On failure *out is empty. One source at a time. */
bool source_open(struct source *out, const char *where, const struct store_options *options,
                 FILE *progress, struct error *err) MUST_CHECK;

/* Lends the name of the index-th file that begins with `prefix`, or NULL past the last one. */
const char *source_file(const struct source *s, const char *prefix, size_t index);

/* Fills `path` with where the file of that name can be read on this machine: where it is, or a copy
 * of it, which source_drop removes, or source_close. */
bool source_bring(char path[SOURCE_PATH_SIZE], struct source *s, const char *name,
                  struct error *err) MUST_CHECK;
void source_drop(struct source *s, const char *name);

/* Lends the folder in which what has been brought lies. */
const char *source_folder(const struct source *s);

/* Removes the copies. Accepts an empty source. */
void source_close(struct source *s);

#endif

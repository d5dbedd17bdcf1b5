/*
 * The place that a model comes from: a path on this machine, or a URL, whose models are copied
 * into a folder of this machine first.
 */
#ifndef DIGIT_SOURCE_H
#define DIGIT_SOURCE_H

#include <stdint.h>

#include "model/error.h"
#include "model/publish.h"
#include "model/store.h"

struct source {
    const char *location; /* lent */
    bool is_url;
    struct store_options store;
    char cache[PUBLISH_PATH_SIZE]; /* URLs only */
};

/* What the file system says of a file; zeros where there is none. */
struct source_file {
    uint64_t device;
    uint64_t number;
    uint64_t len;
    int64_t written_ns;
    int64_t changed_ns;
};

/* And of a model's two files: another stamp, another model. */
struct source_stamp {
    struct source_file weights;
    struct source_file card;
};

/* `location`, `cache` and the texts in `store` are lent. A NULL cache is the user's own folder.
 * Fails for a URL that no store can be asked for; whether it answers does not matter here. */
bool source_open(struct source *s, const char *location, const char *cache,
                 const struct store_options *store, struct error *err) MUST_CHECK;

/* Fills `path` with where on this machine the model lies that is there now; from a URL it is
 * fetched, unless its copy is here. Blocks. */
bool source_find(const struct source *s, char path[PUBLISH_PATH_SIZE],
                 struct error *err) MUST_CHECK;

/* Fills `path` with the last copy of what was at the URL, without looking there. Fails when there
 * is none. */
bool source_copy(const struct source *s, char path[PUBLISH_PATH_SIZE],
                 struct error *err) MUST_CHECK;

/* Fills the stamp of the model whose weights are at `path`. */
void source_stamp(struct source_stamp *out, const char *path);

bool source_stamps_equal(const struct source_stamp *a, const struct source_stamp *b);

/* Whether nothing has happened to the files for a second: someone who is writing weights and card
 * is probably done, and a write that comes now gives them another stamp. */
bool source_is_settled(const struct source_stamp *stamp);

#endif

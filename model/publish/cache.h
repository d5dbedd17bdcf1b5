/*
 * The folder where copies of published models are kept: for each URL a folder of its own, in it a
 * folder for each version that is kept, and a link to the current one and to the one before it.
 *
 *   FOLDER/NAME-<16 digits of the URL's SHA-256>/<16 digits of the card's SHA-256>/NAME.pth, .json
 *                                               /current, previous
 */
#ifndef DIGIT_PUBLISH_CACHE_H
#define DIGIT_PUBLISH_CACHE_H

#include "model/error.h"
#include "model/file.h"
#include "model/publish.h"

enum { CACHE_VERSION_SIZE = 17, CACHE_NAME_SIZE = 200 };

/* What is kept of one URL. It owns nothing. */
struct cache {
    char folder[PUBLISH_PATH_SIZE];
    char name[CACHE_NAME_SIZE];
};

/* A new version on its way in, in a folder that nobody else looks into. */
struct cache_draft {
    char folder[PUBLISH_PATH_SIZE];
    char weights[PUBLISH_PATH_SIZE]; /* where the two files are to be put */
    char card[PUBLISH_PATH_SIZE];
    char version[CACHE_VERSION_SIZE]; /* filled by cache_read_card */
    char sha256[FILE_SHA256_SIZE];    /* of the weights, as the card says; likewise */
};

/* Finds the place of `url` in the cache. Nothing is made there. */
bool cache_open(struct cache *c, const char *folder, const char *url, struct error *err) MUST_CHECK;

/* Makes a folder for a draft, and the cache if there is none; removes it with all in it. */
bool cache_begin(const struct cache *c, struct cache_draft *d, struct error *err) MUST_CHECK;
void cache_abandon(const struct cache *c, struct cache_draft *d);

/* Reads the draft's card. */
bool cache_read_card(const struct cache *c, struct cache_draft *d, struct error *err) MUST_CHECK;

/* Whether the version is there with weights that its card belongs to. */
bool cache_has(const struct cache *c, const char *version);

/* Whether the draft's weights are those of its card. */
bool cache_fits(const struct cache_draft *d, bool *fits, struct error *err) MUST_CHECK;

/* Makes the draft's version the current one, whether its weights were put there or the cache has
 * them already, and fills `path` with its weights. All but it and the one before it are removed. */
bool cache_take(const struct cache *c, struct cache_draft *d, char path[PUBLISH_PATH_SIZE],
                struct error *err) MUST_CHECK;

/* Fills `path` with the current version's weights, or with those of the one before it where the
 * current one is damaged. */
bool cache_current(const struct cache *c, char path[PUBLISH_PATH_SIZE],
                   struct error *err) MUST_CHECK;

#endif

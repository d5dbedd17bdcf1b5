/*
 * Published models brought into the cache. Any thread, any number of processes; no state.
 */
#include <stdio.h>
#include <time.h>

#include "model/publish.h"
#include "model/publish/cache.h"
#include "model/publish/name.h"
#include "model/store.h"

enum { LOOKS = 5, TICK_MS = 100, TICKS_BETWEEN_LOOKS = 4 };

static const uint64_t weights_len_max = UINT64_C(1) << 30;
static const uint64_t card_len_max = UINT64_C(1) << 20;

/* What is far too long for what it should be does not come to our disk. */
static bool fetch_bounded(const char *url, const char *path, uint64_t max,
                          const struct store_options *options, struct error *err)
{
    struct store_entry entry;
    if (!store_look(&entry, url, options, err))
        return false;
    if (entry.is_folder || entry.len > max)
        return error_set(err, ERROR_BAD_MODEL, "'%s' is too long for a model, or a folder", url);
    return store_fetch(url, path, options, err);
}

/* One look at the card and, unless the cache has it, at the weights. */
static bool look(const struct cache *c, struct cache_draft *d, bool *fits, const char *url,
                 const char *card_url, const struct store_options *options, struct error *err)
{
    if (!fetch_bounded(card_url, d->card, card_len_max, options, err) ||
        !cache_read_card(c, d, err))
        return false;
    *fits = cache_has(c, d->version);
    return *fits || (fetch_bounded(url, d->weights, weights_len_max, options, err) &&
                     cache_fits(d, fits, err));
}

/* False when it was stopped. */
static bool wait_a_little(const struct store_options *options)
{
    for (int i = 0; i < TICKS_BETWEEN_LOOKS; i++) {
        const struct timespec tick = {.tv_nsec = TICK_MS * 1000000};
        if (options != NULL && options->go_on != NULL && !options->go_on(options->context))
            return false;
        (void)nanosleep(&tick, NULL);
    }
    return true;
}

/* Weights that are not the card's were found between the two renames of a publisher: a moment later
 * both are new. */
static bool look_until_it_fits(const struct cache *c, struct cache_draft *d, const char *url,
                               const struct store_options *options, struct error *err)
{
    char card_url[STORE_URL_SIZE];
    bool fits = false;
    if (!name_card(card_url, sizeof card_url, url, err))
        return false;
    for (int i = 0; i < LOOKS && !fits; i++) {
        if (i > 0 && !wait_a_little(options))
            return error_set(err, ERROR_STORE_DOWN, "fetching '%s' was stopped", url);
        if (!look(c, d, &fits, url, card_url, options, err))
            return false;
    }
    return fits || error_set(err, ERROR_BAD_MODEL,
                             "the weights at '%s' are not those of the card beside them (SHA-256 "
                             "%.12s...); publish both again",
                             url, d->sha256);
}

bool publish_fetch(char path[PUBLISH_PATH_SIZE], const char *url, const char *folder,
                   const struct store_options *options, struct error *err)
{
    struct cache cache;
    struct cache_draft draft;
    if (!cache_open(&cache, folder, url, err) || !cache_begin(&cache, &draft, err))
        return false;
    bool ok = look_until_it_fits(&cache, &draft, url, options, err) &&
              cache_take(&cache, &draft, path, err);
    cache_abandon(&cache, &draft);
    return ok;
}

bool publish_cached(char path[PUBLISH_PATH_SIZE], const char *url, const char *folder,
                    struct error *err)
{
    struct cache cache;
    return cache_open(&cache, folder, url, err) && cache_current(&cache, path, err);
}

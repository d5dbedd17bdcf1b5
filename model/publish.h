/*
 * Models in stores: weights and card published together, fetched together, and copies kept.
 *
 * A published model is `NAME.pth` and `NAME.json` in one folder of a store. The card goes last and
 * holds the weights' SHA-256: whoever finds a card whose weights do not fit has come between the
 * two, and looks again.
 */
#ifndef DIGIT_PUBLISH_H
#define DIGIT_PUBLISH_H

#include "model/error.h"
#include "model/store.h"

enum { PUBLISH_PATH_SIZE = 4096 };

/* Publishes the model at `path` (a .pth file and the card beside it) at `url`, the .pth file's own
 * name-to-be. The two must belong together. On failure what was there is whole: the old weights
 * with the old card, or, when only the card could not be replaced, that card's weights again. */
bool publish_model(const char *path, const char *url, const struct store_options *options,
                   struct error *err) MUST_CHECK;

/* Brings the model at `url` into the cache `folder`, unless its card says that the copy there is
 * it. Fills `path` with the copy's .pth file, its card beside it; the file is good as long as the
 * cache keeps it: this version and the one before it. The card's SHA-256 has been checked against
 * the weights. A mismatch is looked at again a few times, then it is ERROR_BAD_MODEL. A model
 * without a card is ERROR_NOT_FOUND. On failure the cache is as it was. */
bool publish_fetch(char path[PUBLISH_PATH_SIZE], const char *url, const char *folder,
                   const struct store_options *options, struct error *err) MUST_CHECK;

/* Fills `path` with the last verified copy of the model at `url`, without looking there. Fails with
 * ERROR_NOT_FOUND when there is none. The copy's SHA-256 is checked again. */
bool publish_cached(char path[PUBLISH_PATH_SIZE], const char *url, const char *folder,
                    struct error *err) MUST_CHECK;

#endif

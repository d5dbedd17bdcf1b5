/*
 * What a training run leaves behind: the weights and their card.
 */
#ifndef DIGIT_SAVE_H
#define DIGIT_SAVE_H

#include "model/card.h"
#include "model/checkpoint.h"
#include "model/error.h"

enum { SAVE_PATH_SIZE = 4096 };

/* Fills the path of the weights from what --out says: a folder, a file that ends in ".pth", or ""
 * for the current folder. In a folder they are called NETWORK_mnist.pth. Fails when nothing can be
 * written there, so that this is known before the work is done. */
bool save_path(char path[SAVE_PATH_SIZE], const char *out, const char *network,
               struct error *err) MUST_CHECK;

/* Fails when SOURCE_DATE_EPOCH says no date, so that this, too, is known before. */
bool save_has_date(struct error *err) MUST_CHECK;

/* Fills `path` with the weights' path, `word` before its ending: NAME.word.pth. */
bool save_beside(char path[SAVE_PATH_SIZE], const char *weights_path, const char *word,
                 struct error *err) MUST_CHECK;

/* Writes the weights to `path` and the card beside them, each atomically. Fills the card's name,
 * SHA-256 and date; the rest is the caller's. The date is SOURCE_DATE_EPOCH's, or today (UTC). */
bool save_model(struct card *card, const struct checkpoint *weights, const char *path,
                struct error *err) MUST_CHECK;

#endif

/*
 * Files to stores and from them, as commands do it: with a bar on the terminal, until Ctrl-C.
 */
#ifndef DIGIT_TRAIN_TRANSFER_H
#define DIGIT_TRAIN_TRANSFER_H

#include <stdio.h>

#include "model/error.h"
#include "model/store.h"

/* The first Ctrl-C ends what is under way in good order; the second ends the program. */
void transfer_catch_interrupt(void);
bool transfer_was_interrupted(void);

/* Whether a model can be published at a URL, as far as its end says. */
bool transfer_takes_model(const char *url);

/* Publishes a file; one that ends in .pth together with its card. A URL that ends in a slash gets
 * the file's name. Progress goes to `progress`, which may be NULL. */
bool transfer_publish(const char *path, const char *url, const struct store_options *options,
                      FILE *progress, struct error *err) MUST_CHECK;

/* Fetches a file; one that ends in .pth together with its card, once they are known to belong
 * together. */
bool transfer_fetch(const char *url, const char *path, const struct store_options *options,
                    FILE *progress, struct error *err) MUST_CHECK;

#endif

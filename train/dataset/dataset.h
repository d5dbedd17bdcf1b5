/*
 * Where a data set comes from: the one place that knows the choices.
 *
 *   a folder with MNIST's four IDX files, each plain or .gz     (train/dataset/mnist.h)
 *   a folder with the preparing job's output, part-*            (train/dataset/prepared.h)
 *
 * Either may be on this machine or, named by a URL, in a store. Of prepared records those whose key
 * is train/INDEX or test/INDEX are taken, in the order of the indices; all others are of no split.
 * MNIST's IDX files and what was prepared from them give the same set, the SHA-256s included.
 */
#ifndef DIGIT_DATASET_H
#define DIGIT_DATASET_H

#include <stdio.h>

#include "model/error.h"
#include "model/store.h"
#include "train/dataset/mnist.h"
#include "train/options.h"

/* The row for a command's table; `at` is where its struct of options has the place as text. */
#define DATASET_ROW(at)                                                                  \
    {                                                                                    \
        "data", "WHERE", "data", "a folder or URL of MNIST's files or prepared records", \
            OPTION_TEXT, at, 0, 0                                                        \
    }

/* Loads the splits for which there is room: either may be NULL. What is brought from a store is
 * told to `progress`, which may be NULL. On failure both are empty. */
bool dataset_load(struct mnist *train, struct mnist *test, const char *where,
                  const struct store_options *store, FILE *progress, struct error *err) MUST_CHECK;

#endif

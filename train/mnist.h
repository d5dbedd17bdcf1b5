/*
 * MNIST's IDX files (LeCun, Cortes, Burges: "The MNIST database", section "FILE FORMATS").
 */
#ifndef DIGIT_MNIST_H
#define DIGIT_MNIST_H

#include <stddef.h>
#include <stdint.h>

#include "model/digit.h"
#include "model/error.h"
#include "model/file.h"

enum mnist_split { MNIST_TRAIN, MNIST_TEST };

/* Pictures and their labels, of one split. */
struct mnist {
    size_t count;
    uint8_t *pixels;                      /* owned: count x 28 x 28 */
    uint8_t *labels;                      /* owned: count, each 0..9 */
    char images_sha256[FILE_SHA256_SIZE]; /* of the uncompressed IDX files */
    char labels_sha256[FILE_SHA256_SIZE];
};

/* Loads `train-images-idx3-ubyte` and its like from a folder, plain or with `.gz` at the end. The
 * magic number, the counts and the files' lengths must agree. On failure *out is empty. */
bool mnist_load(struct mnist *out, const char *folder, enum mnist_split split,
                struct error *err) MUST_CHECK;

/* Accepts an empty set. */
void mnist_free(struct mnist *set);

/* The two parsers behind it, for whole IDX files in memory. Each lends a pointer into `bytes`. */
bool idx_images(const uint8_t **pixels, size_t *count, const uint8_t *bytes, size_t len,
                struct error *err) MUST_CHECK;
bool idx_labels(const uint8_t **labels, size_t *count, const uint8_t *bytes, size_t len,
                struct error *err) MUST_CHECK;

#endif

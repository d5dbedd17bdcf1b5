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

/* The files' names, as their makers gave them. */
#define MNIST_TRAIN_IMAGES "train-images-idx3-ubyte"
#define MNIST_TRAIN_LABELS "train-labels-idx1-ubyte"
#define MNIST_TEST_IMAGES "t10k-images-idx3-ubyte"
#define MNIST_TEST_LABELS "t10k-labels-idx1-ubyte"

enum mnist_split { MNIST_TRAIN, MNIST_TEST };

/* Pictures and their labels, of one split. */
struct mnist {
    size_t count;
    uint8_t *pixels;                      /* owned: count x 28 x 28 */
    uint8_t *labels;                      /* owned: count, each 0..9 */
    char images_sha256[FILE_SHA256_SIZE]; /* of the uncompressed IDX files */
    char labels_sha256[FILE_SHA256_SIZE];
};

/* Loads a split from a folder; each file may be plain or have `.gz` at its end. The magic number,
 * the counts and the files' lengths must agree. Fails with one line that names the file. On failure
 * *out is empty. */
bool mnist_load(struct mnist *out, const char *folder, enum mnist_split split,
                struct error *err) MUST_CHECK;

/* Fills DIGIT_PIXELS floats, 0..1, with the index-th picture. */
void mnist_floats(float *out, const struct mnist *set, size_t index);

/* Makes a set with room for `count` pictures and labels, which are the caller's to fill in; and
 * then the SHA-256s, which are those of the IDX files that would hold the set. On failure *out is
 * empty. */
bool mnist_new(struct mnist *out, size_t count, struct error *err) MUST_CHECK;
void mnist_hash(struct mnist *set);

/* Accepts an empty set. */
void mnist_free(struct mnist *set);

/* The two parsers behind it, for whole IDX files in memory. Each lends a pointer into `bytes`. Any
 * bytes may be given. */
bool idx_images(const uint8_t **pixels, size_t *count, const uint8_t *bytes, size_t len,
                struct error *err) MUST_CHECK;
bool idx_labels(const uint8_t **labels, size_t *count, const uint8_t *bytes, size_t len,
                struct error *err) MUST_CHECK;

#endif

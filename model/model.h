/*
 * A model: weights, the network that they belong to, and the card that says where they come from.
 *
 * The card is a JSON file beside the weights (`cnn_mnist.pth`, `cnn_mnist.json`). It holds the
 * network's layers, so that a model needs nothing else to be run.
 */
#ifndef DIGIT_MODEL_H
#define DIGIT_MODEL_H

#include "model/checkpoint.h"
#include "model/confidence.h"
#include "model/error.h"
#include "model/file.h"
#include "model/network.h"

enum {
    MODEL_NAME_SIZE = 64,
    MODEL_VERSION_SIZE = 13,
};

struct model {
    char name[MODEL_NAME_SIZE];       /* "cnn_mnist" */
    char version[MODEL_VERSION_SIZE]; /* the first 12 digits of the weights' SHA-256 */
    char sha256[FILE_SHA256_SIZE];    /* of the .pth file */
    struct network network;           /* shapes inferred */
    struct confidence confidence;     /* the card's */
    struct checkpoint *weights;       /* owned; checked against the network */
    char *card;                       /* owned; the card's JSON text */
};

/* Loads the weights at `path` and the card beside them. Without a card, a built-in network whose
 * parameters fit the weights is taken and a minimal card is made up. Fails with one line that
 * names the file. On failure *out is empty. */
bool model_load(struct model *out, const char *path, struct error *err) MUST_CHECK;

/* The length of a path without the `.pth` at its end, if it has one; with `.json` behind that, it
 * is the card's. */
size_t model_stem_len(const char *path);

/* Accepts an empty model. */
void model_free(struct model *m);

#endif

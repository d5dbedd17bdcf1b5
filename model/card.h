/*
 * The model card: a network and its provenance as JSON, and back.
 */
#ifndef DIGIT_CARD_H
#define DIGIT_CARD_H

#include <stddef.h>
#include <stdint.h>

#include "model/confidence.h"
#include "model/error.h"
#include "model/file.h"
#include "model/network.h"

enum {
    CARD_TEXT_SIZE = 64,
    CARD_OPTIONS_SIZE = 2048,
    CARD_VERSION_LEN = 12, /* the version is that many first digits of the SHA-256 */
};

/* How a model was trained and how good it is. Text fields may be empty, and are left out then. */
struct card_training {
    char recipe[CARD_TEXT_SIZE];
    char options[CARD_OPTIONS_SIZE]; /* of `digit train`, that are not its defaults */
    char optimizer[CARD_TEXT_SIZE];
    char loss[CARD_TEXT_SIZE];
    char library[CARD_TEXT_SIZE]; /* "libtorch 1.13.1" */
    double learning_rate;
    size_t images; /* learned from */
    size_t batch;
    size_t epochs;
    size_t kept_epoch; /* the weights are those after so many; 0: after all */
    size_t threads;
    uint64_t seed;
};

struct card_data {
    char file[CARD_TEXT_SIZE]; /* "train-images-idx3-ubyte" */
    char sha256[FILE_SHA256_SIZE];
};

struct card {
    char name[CARD_TEXT_SIZE]; /* "cnn_mnist" */
    char sha256[FILE_SHA256_SIZE];
    char date[CARD_TEXT_SIZE];    /* ISO 8601 */
    struct network network;       /* shapes inferred */
    struct confidence confidence; /* all 0: not known, and left out */
    bool trained;                 /* whether what follows is known */
    struct card_training training;
    struct card_data data[4];
    size_t validation_images; /* 0: none were held back from learning */
    double validation_accuracy;
    double validation_loss;
    size_t test_images; /* 0: it was not tested */
    double test_accuracy;
    double test_loss;
};

/* Fills `out` with a name as cards take it (letters, digits, '.', '_', '-'), the others replaced.
 */
void card_name(char out[CARD_TEXT_SIZE], const char *name, size_t len);

/* Writes the card as indented JSON into *out (malloc; the caller frees). The network's shapes must
 * have been inferred. */
bool card_format(char **out, const struct card *card, struct error *err) MUST_CHECK;

/* Fills *out from JSON: the name, the SHA-256 and the network, shapes inferred. Classes and input,
 * if given, must be the ones of this library. Members that only people read are not looked at. The
 * error's text is about "it": the card. A card that says nothing of confidence gets the default. */
bool card_parse(struct card *out, const char *json, size_t len, struct error *err) MUST_CHECK;

#endif

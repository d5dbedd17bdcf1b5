/*
 * A user's own network, from a JSON file:
 *
 *     {
 *       "name": "tiny",
 *       "layers": [
 *         {"kind": "conv2d", "name": "conv1", "out": 8, "kernel": 5, "padding": 2},
 *         {"kind": "relu"},
 *         {"kind": "maxpool2d", "kernel": 4},
 *         {"kind": "flatten"},
 *         {"kind": "dropout", "probability": 0.25},
 *         {"kind": "linear", "name": "fc1", "out": 10},
 *         {"kind": "log_softmax"}
 *       ]
 *     }
 *
 * The "network" of a model card is the same. There are 1 to 32 layers, applied in order to a
 * picture of 1x28x28; ten values must come out. A layer's kind is one of
 *
 *     conv2d       name, out (channels), kernel; padding (on each side; 0); stride is 1
 *     linear       name, out (features); its input must be flat
 *     maxpool2d    kernel, which is the stride too
 *     dropout      probability, from 0 to below 1; in training only
 *     relu, flatten, log_softmax, softmax
 *
 * What network.h says of them holds. Names are 1 to 31 letters, digits, '.', '_' or '-'; a layer's
 * is the prefix of its tensors in the state dict ("conv1.weight", "conv1.bias"). conv2d and linear
 * may have "in" (channels or features that come in), which is then checked; it follows from what
 * comes before. Any other member is an error.
 */
#ifndef DIGIT_NETWORK_FILE_H
#define DIGIT_NETWORK_FILE_H

#include <stddef.h>

#include "model/error.h"
#include "model/network.h"

/* Fills *out from JSON, its shapes inferred. The error names the layer that does not fit by its
 * place and name; it is about "it" where there is no network yet. Any bytes may be given. */
bool network_file_parse(struct network *out, const char *json, size_t len,
                        struct error *err) MUST_CHECK;

/* The network that people mean by `text`: a file's when it ends in ".json" or holds a '/', else
 * the built-in one of that name. The error names the file. */
bool network_file_choose(struct network *out, const char *text, struct error *err) MUST_CHECK;

#endif

/*
 * A network as data: a list of layers with their sizes. Every engine, the trainer and the model
 * card read the same list; nothing else knows what a network looks like.
 *
 * Layers mean what PyTorch's modules of the same name mean (torch.nn.Conv2d, MaxPool2d, ...):
 * conv2d is a cross-correlation with stride 1 and zero padding; maxpool2d has stride = kernel and
 * drops what is left at the edge; linear is y = x W^T + b; softmax and log_softmax run over the
 * last dimension; dropout is the identity outside training. Tensors are channels x height x width.
 */
#ifndef DIGIT_NETWORK_H
#define DIGIT_NETWORK_H

#include <stddef.h>

#include "model/error.h"

enum {
    NETWORK_LAYERS_MAX = 32,
    NETWORK_NAME_SIZE = 32,
};

enum layer_kind {
    LAYER_CONV2D,
    LAYER_RELU,
    LAYER_MAXPOOL2D,
    LAYER_FLATTEN,
    LAYER_LINEAR,
    LAYER_DROPOUT,
    LAYER_LOG_SOFTMAX,
    LAYER_SOFTMAX,
    LAYER_KINDS
};

/* Of one image. A flat vector of n features is n x 1 x 1. */
struct shape {
    size_t channels;
    size_t height;
    size_t width;
};

struct layer {
    enum layer_kind kind;
    char name[NETWORK_NAME_SIZE]; /* "conv1": the prefix of its parameters; empty without any */
    size_t out;                   /* conv2d: channels; linear: features */
    size_t kernel;                /* conv2d, maxpool2d */
    size_t padding;               /* conv2d: on each side */
    float probability;            /* dropout */
    struct shape input;           /* these two are filled by network_infer */
    struct shape output;
};

struct network {
    char name[NETWORK_NAME_SIZE]; /* "cnn" */
    struct layer layers[NETWORK_LAYERS_MAX];
    size_t count;
};

/* A trainable tensor of a network, as PyTorch's state dict has it. */
struct parameter {
    char name[NETWORK_NAME_SIZE + 8]; /* "conv1.weight" */
    size_t rank;
    size_t shape[4]; /* conv2d weight: out, in, kernel, kernel; linear weight: out, in; bias: out */
};

struct checkpoint;

/* Fills *out with the built-in network of that name, its shapes inferred: "cnn" (the reference;
 * 421,642 parameters), "lenet" (61,706) or "mlp" (407,050). */
bool network_named(struct network *out, const char *name, struct error *err) MUST_CHECK;

/* Lends the name of the built-in network with that index, or NULL past the last one. */
const char *network_builtin(size_t index);

/* Fills each layer's input and output from a 1x28x28 input. Fails, naming the layer, where sizes
 * do not fit, and unless ten features come out. */
bool network_infer(struct network *net, struct error *err) MUST_CHECK;

/* Says in *err which layer is no good, by its place and name, and why. Always returns false. Of the
 * layer only what has been read so far must be set; its kind may be LAYER_KINDS. */
bool network_refuse_layer(const struct network *net, size_t index, struct error *err,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Fills *out with the index-th parameter, in state dict order; false past the last one. */
bool network_parameter(const struct network *net, size_t index, struct parameter *out);

/* Elements in all parameters together. */
size_t network_parameter_count(const struct network *net);

/* True when the checkpoint has exactly the network's parameters, each of the right shape. */
bool network_check(const struct network *net, const struct checkpoint *weights,
                   struct error *err) MUST_CHECK;

/* Lends the name of a layer kind ("conv2d"); and back: LAYER_KINDS when there is none. */
const char *layer_kind_name(enum layer_kind kind);
enum layer_kind layer_kind_named(const char *name);

#endif

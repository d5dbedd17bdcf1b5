/*
 * The built-in networks, shape inference, and the parameters that follow from a list of layers.
 * Pure functions over data; any thread. Knows nothing of files, engines or JSON.
 */
#include "model/network.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/checkpoint.h"
#include "model/digit.h"

static const char *const kind_names[LAYER_KINDS] = {
    [LAYER_CONV2D] = "conv2d",           [LAYER_RELU] = "relu",
    [LAYER_MAXPOOL2D] = "maxpool2d",     [LAYER_FLATTEN] = "flatten",
    [LAYER_LINEAR] = "linear",           [LAYER_DROPOUT] = "dropout",
    [LAYER_LOG_SOFTMAX] = "log_softmax", [LAYER_SOFTMAX] = "softmax",
};

static const struct network builtins[] = {
    {
        .name = "cnn",
        .count = 10,
        .layers =
            {
                {.kind = LAYER_CONV2D, .name = "conv1", .out = 32, .kernel = 3, .padding = 1},
                {.kind = LAYER_RELU},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_CONV2D, .name = "conv2", .out = 64, .kernel = 3, .padding = 1},
                {.kind = LAYER_RELU},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_FLATTEN},
                {.kind = LAYER_LINEAR, .name = "fc1", .out = 128},
                {.kind = LAYER_RELU},
                {.kind = LAYER_LINEAR, .name = "fc2", .out = DIGIT_CLASSES},
            },
    },
    {
        /* In the manner of LeNet-5 (LeCun et al., "Gradient-Based Learning Applied to Document
         * Recognition", 1998). Planes are 26, 13, 11, 5 and 1 pixels wide. */
        .name = "lenet",
        .count = 14,
        .layers =
            {
                {.kind = LAYER_CONV2D, .name = "conv1", .out = 6, .kernel = 5, .padding = 1},
                {.kind = LAYER_RELU},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_CONV2D, .name = "conv2", .out = 16, .kernel = 5, .padding = 1},
                {.kind = LAYER_RELU},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_CONV2D, .name = "conv3", .out = 120, .kernel = 5},
                {.kind = LAYER_RELU},
                {.kind = LAYER_FLATTEN},
                {.kind = LAYER_LINEAR, .name = "fc1", .out = 84},
                {.kind = LAYER_RELU},
                {.kind = LAYER_DROPOUT, .probability = 0.5f},
                {.kind = LAYER_LINEAR, .name = "fc2", .out = DIGIT_CLASSES},
                {.kind = LAYER_LOG_SOFTMAX},
            },
    },
    {
        .name = "mlp",
        .count = 5,
        .layers =
            {
                {.kind = LAYER_FLATTEN},
                {.kind = LAYER_LINEAR, .name = "fc1", .out = 512},
                {.kind = LAYER_RELU},
                {.kind = LAYER_LINEAR, .name = "fc2", .out = DIGIT_CLASSES},
                {.kind = LAYER_SOFTMAX},
            },
    },
};

enum {
    BUILTINS = sizeof builtins / sizeof *builtins,
    /* Far above any network for 28x28 pictures, far below where products of sizes overflow. */
    FEATURES_MAX = 1 << 20,
    KERNEL_MAX = 1 << 10,
};

const char *network_builtin(size_t index)
{
    return index < BUILTINS ? builtins[index].name : NULL;
}

bool network_named(struct network *out, const char *name, struct error *err)
{
    for (size_t i = 0; i < BUILTINS; i++) {
        if (strcmp(builtins[i].name, name) != 0)
            continue;
        *out = builtins[i];
        return network_infer(out, err);
    }
    char names[128];
    size_t used = 0;
    for (size_t i = 0; i < BUILTINS && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 builtins[i].name);
    return error_set(err, ERROR_BAD_ARGUMENT, "there is no network '%s'; there is: %s", name,
                     names);
}

static size_t features(const struct shape *s)
{
    return s->channels * s->height * s->width;
}

static bool infer_window(struct layer *l, size_t stride, const char **why)
{
    if (l->kernel == 0 || l->kernel > KERNEL_MAX || l->padding >= l->kernel) {
        *why = "its kernel or its padding is out of range";
        return false;
    }
    size_t height = l->input.height + 2 * l->padding;
    size_t width = l->input.width + 2 * l->padding;
    if (l->kernel > height || l->kernel > width) {
        *why = "its kernel does not fit its input";
        return false;
    }
    l->output.height = (height - l->kernel) / stride + 1;
    l->output.width = (width - l->kernel) / stride + 1;
    return true;
}

static bool infer_layer(struct layer *l, const char **why)
{
    l->output = l->input;
    switch (l->kind) {
    case LAYER_CONV2D:
        l->output.channels = l->out;
        return infer_window(l, 1, why);
    case LAYER_MAXPOOL2D:
        return infer_window(l, l->kernel, why);
    case LAYER_FLATTEN:
        l->output = (struct shape){features(&l->input), 1, 1};
        return true;
    case LAYER_LINEAR:
        if (l->input.height != 1 || l->input.width != 1) {
            *why = "its input is not flat; put a flatten layer before it";
            return false;
        }
        l->output.channels = l->out;
        return true;
    case LAYER_DROPOUT:
        if (!(l->probability >= 0.0f && l->probability < 1.0f)) {
            *why = "its probability is not between 0 and 1";
            return false;
        }
        return true;
    default:
        return true;
    }
}

static bool has_parameters(const struct layer *l)
{
    return l->kind == LAYER_CONV2D || l->kind == LAYER_LINEAR;
}

static bool name_is_taken(const struct network *net, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (has_parameters(&net->layers[i]) &&
            strcmp(net->layers[i].name, net->layers[index].name) == 0)
            return true;
    return false;
}

bool network_refuse_layer(const struct network *net, size_t index, struct error *err,
                          const char *format, ...)
{
    char why[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    const struct layer *l = &net->layers[index];
    const char *kind = l->kind < LAYER_KINDS ? kind_names[l->kind] : "?";
    return error_set(err, ERROR_BAD_MODEL, "network '%s', layer %zu (%s%s%s): %s", net->name,
                     index + 1, kind, l->name[0] == '\0' ? "" : " ", l->name, why);
}

bool network_infer(struct network *net, struct error *err)
{
    struct shape shape = {1, DIGIT_SIDE, DIGIT_SIDE};
    for (size_t i = 0; i < net->count; i++) {
        struct layer *l = &net->layers[i];
        const char *why = NULL;
        l->input = shape;
        if (has_parameters(l) && (l->name[0] == '\0' || name_is_taken(net, i)))
            why = "it needs a name of its own";
        else if (has_parameters(l) && (l->out == 0 || l->out > FEATURES_MAX))
            why = "its number of outputs is out of range";
        else if (infer_layer(l, &why) && features(&l->output) > FEATURES_MAX)
            why = "its output is too large";
        if (why != NULL)
            return network_refuse_layer(net, i, err, "%s", why);
        shape = l->output;
    }
    if (shape.channels != DIGIT_CLASSES || shape.height != 1 || shape.width != 1)
        return error_set(err, ERROR_BAD_MODEL, "network '%s' gives %zux%zux%zu values, not %d",
                         net->name, shape.channels, shape.height, shape.width, DIGIT_CLASSES);
    return true;
}

static void weight_shape(struct parameter *p, const struct layer *l)
{
    if (l->kind == LAYER_CONV2D) {
        p->rank = 4;
        p->shape[0] = l->out;
        p->shape[1] = l->input.channels;
        p->shape[2] = p->shape[3] = l->kernel;
    } else {
        p->rank = 2;
        p->shape[0] = l->out;
        p->shape[1] = l->input.channels;
    }
}

bool network_parameter(const struct network *net, size_t index, struct parameter *out)
{
    for (size_t i = 0; i < net->count; i++) {
        const struct layer *l = &net->layers[i];
        if (!has_parameters(l))
            continue;
        if (index >= 2) {
            index -= 2;
            continue;
        }
        *out = (struct parameter){.rank = 1, .shape = {l->out}};
        if (index == 0)
            weight_shape(out, l);
        (void)snprintf(out->name, sizeof out->name, "%s.%s", l->name, index ? "bias" : "weight");
        return true;
    }
    return false;
}

size_t network_parameter_count(const struct network *net)
{
    size_t total = 0;
    struct parameter p;
    for (size_t i = 0; network_parameter(net, i, &p); i++) {
        size_t count = 1;
        for (size_t d = 0; d < p.rank; d++)
            count *= p.shape[d];
        total += count;
    }
    return total;
}

static void shape_text(char *out, size_t size, const size_t *shape, size_t rank)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t d = 0; d < rank && used < size; d++)
        used += (size_t)snprintf(out + used, size - used, "%s%zu", d ? "x" : "", shape[d]);
}

bool network_check(const struct network *net, const struct checkpoint *weights, struct error *err)
{
    struct parameter p;
    size_t count = 0;
    for (; network_parameter(net, count, &p); count++) {
        const struct tensor *t = checkpoint_find(weights, p.name);
        if (t == NULL)
            return error_set(err, ERROR_BAD_MODEL,
                             "network '%s' needs a tensor '%s'; there is none", net->name, p.name);
        if (t->rank != p.rank || memcmp(t->shape, p.shape, p.rank * sizeof *p.shape) != 0) {
            char want[64], got[64];
            shape_text(want, sizeof want, p.shape, p.rank);
            shape_text(got, sizeof got, t->shape, t->rank);
            return error_set(err, ERROR_BAD_MODEL, "network '%s' needs '%s' of %s; it is %s",
                             net->name, p.name, want, got);
        }
    }
    if (checkpoint_count(weights) != count)
        return error_set(err, ERROR_BAD_MODEL, "network '%s' has %zu tensors; there are %zu",
                         net->name, count, checkpoint_count(weights));
    return true;
}

const char *layer_kind_name(enum layer_kind kind)
{
    return kind_names[kind];
}

enum layer_kind layer_kind_named(const char *name)
{
    enum layer_kind kind = 0;
    while (kind < LAYER_KINDS && strcmp(kind_names[kind], name) != 0)
        kind++;
    return kind;
}

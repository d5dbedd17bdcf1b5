/*
 * Layers to JSON and back, from one table of what each kind of layer has. Any thread; no state. It
 * knows nothing of cards and files.
 */
#include "model/card/layers.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a layer has besides its kind, and which kinds have it. */
enum field_type { FIELD_TEXT, FIELD_SIZE, FIELD_REAL };

enum { NAME = 1, IN = 2, OUT = 4, KERNEL = 8, PADDING = 16, PROBABILITY = 32 };

static const struct field {
    unsigned mask;
    const char *key;
    enum field_type type;
    size_t offset;
} fields[] = {
    {NAME, "name", FIELD_TEXT, offsetof(struct layer, name)},
    {IN, "in", FIELD_SIZE, offsetof(struct layer, input.channels)},
    {OUT, "out", FIELD_SIZE, offsetof(struct layer, out)},
    {KERNEL, "kernel", FIELD_SIZE, offsetof(struct layer, kernel)},
    {PADDING, "padding", FIELD_SIZE, offsetof(struct layer, padding)},
    {PROBABILITY, "probability", FIELD_REAL, offsetof(struct layer, probability)},
};

static const unsigned layer_fields[LAYER_KINDS] = {
    [LAYER_CONV2D] = NAME | IN | OUT | KERNEL | PADDING,
    [LAYER_MAXPOOL2D] = KERNEL,
    [LAYER_LINEAR] = NAME | IN | OUT,
    [LAYER_DROPOUT] = PROBABILITY,
};

enum {
    FIELDS = sizeof fields / sizeof *fields,
    OPTIONAL_FIELDS = IN | PADDING,
    /* Fits 32 bits, so that no product of two sizes overflows before network_infer looks. */
    SIZE_LIMIT = 1 << 24,
};

#define NAME_RULE "1 to 31 letters, digits, dots, '_' or '-'"
static_assert(NETWORK_NAME_SIZE == 32, "NAME_RULE tells the length");

/* A float's own digits: 0.1f is 0.1 and not 0.100000001490116. */
static json_t *real_of_float(float f)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.7g", (double)f);
    return json_real(strtod(text, NULL));
}

static json_t *format_layer(const struct layer *l)
{
    json_t *object = object_with_text(json_object(), "kind", layer_kind_name(l->kind));
    for (size_t i = 0; i < FIELDS; i++) {
        const char *at = (const char *)l + fields[i].offset;
        if ((layer_fields[l->kind] & fields[i].mask) == 0)
            continue;
        switch (fields[i].type) {
        case FIELD_TEXT:
            object = object_with_text(object, fields[i].key, at);
            break;
        case FIELD_SIZE:
            object = object_with_size(object, fields[i].key, *(const size_t *)(const void *)at);
            break;
        case FIELD_REAL:
            object =
                object_with(object, fields[i].key, real_of_float(*(const float *)(const void *)at));
            break;
        }
    }
    return object;
}

json_t *layers_format(const struct network *net)
{
    json_t *layers = json_array();
    for (size_t i = 0; i < net->count; i++)
        layers = object_append(layers, format_layer(&net->layers[i]));
    return object_with(object_with_text(json_object(), "name", net->name), "layers", layers);
}

static const char *read_field(struct layer *l, const struct field *f, const json_t *value)
{
    char *at = (char *)l + f->offset;
    switch (f->type) {
    case FIELD_TEXT:
        return object_read_name(at, NETWORK_NAME_SIZE, value) ? NULL : "must be " NAME_RULE;
    case FIELD_SIZE:
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > SIZE_LIMIT)
            return "must be a whole number in range";
        *(size_t *)(void *)at = (size_t)json_integer_value(value);
        return NULL;
    default:
        if (!json_is_number(value))
            return "must be a number";
        *(float *)(void *)at = (float)json_number_value(value);
        return NULL;
    }
}

static const struct field *field_of(enum layer_kind kind, const char *key)
{
    for (size_t i = 0; i < FIELDS; i++)
        if ((layer_fields[kind] & fields[i].mask) != 0 && strcmp(fields[i].key, key) == 0)
            return &fields[i];
    return NULL;
}

/* The name is read first, and whatever it is, so that every error can tell it. */
static bool read_kind(struct network *net, size_t index, const json_t *object, struct error *err)
{
    struct layer *l = &net->layers[index];
    const char *kind = json_string_value(json_object_get(object, "kind"));
    *l = (struct layer){.kind = kind == NULL ? LAYER_KINDS : layer_kind_named(kind)};
    (void)object_read_name(l->name, sizeof l->name, json_object_get(object, "name"));
    if (l->kind != LAYER_KINDS)
        return true;
    char kinds[96];
    size_t used = 0;
    for (enum layer_kind i = 0; i < LAYER_KINDS && used < sizeof kinds; i++)
        used += (size_t)snprintf(kinds + used, sizeof kinds - used, "%s%s", i > 0 ? ", " : "",
                                 layer_kind_name(i));
    if (kind == NULL)
        return network_refuse_layer(net, index, err, "it needs a 'kind': %s", kinds);
    return network_refuse_layer(net, index, err, "its 'kind' is '%.40s'; it can be %s", kind,
                                kinds);
}

static bool read_layer(struct network *net, size_t index, json_t *object, struct error *err)
{
    struct layer *l = &net->layers[index];
    if (!read_kind(net, index, object, err))
        return false;
    assert(l->kind < LAYER_KINDS);
    unsigned missing = layer_fields[l->kind] & ~(unsigned)OPTIONAL_FIELDS;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (strcmp(key, "kind") == 0)
            continue;
        const struct field *f = field_of(l->kind, key);
        const char *why = f == NULL ? "is not known here" : read_field(l, f, value);
        if (why != NULL)
            return network_refuse_layer(net, index, err, "'%.40s' %s", key, why);
        missing &= ~f->mask;
    }
    for (size_t i = 0; i < FIELDS; i++)
        if ((missing & fields[i].mask) != 0)
            return network_refuse_layer(net, index, err, "'%s' is missing", fields[i].key);
    return true;
}

static bool read_list(struct network *out, const json_t *layers, struct error *err)
{
    size_t count = json_array_size(layers); /* 0 for what is no list */
    if (count == 0 || count > NETWORK_LAYERS_MAX)
        return error_set(err, ERROR_BAD_MODEL,
                         "network '%s': its 'layers' must be a list of 1 to %d layers", out->name,
                         NETWORK_LAYERS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!read_layer(out, i, json_array_get(layers, i), err))
            return false;
    out->count = count;
    return true;
}

/* What a layer says of its input must be so; network_infer overwrites it. */
static bool infer(struct network *net, struct error *err)
{
    size_t declared[NETWORK_LAYERS_MAX] = {0}; /* each "in", or 0 */
    for (size_t i = 0; i < net->count; i++)
        declared[i] = net->layers[i].input.channels;
    if (!network_infer(net, err))
        return false;
    for (size_t i = 0; i < net->count; i++) {
        size_t in = net->layers[i].input.channels;
        if (declared[i] != 0 && declared[i] != in)
            return network_refuse_layer(net, i, err, "'in' is %zu; what comes in is %zu",
                                        declared[i], in);
    }
    return true;
}

bool layers_read(struct network *out, json_t *object, struct error *err)
{
    const char *key;
    json_t *value;
    *out = (struct network){0};
    if (!object_read_name(out->name, sizeof out->name, json_object_get(object, "name")))
        return error_set(err, ERROR_BAD_MODEL, "a network needs a 'name' of " NAME_RULE);
    json_object_foreach(object, key, value)
    {
        if (strcmp(key, "name") != 0 && strcmp(key, "layers") != 0)
            return error_set(err, ERROR_BAD_MODEL, "network '%s': '%.40s' is not known here",
                             out->name, key);
    }
    return read_list(out, json_object_get(object, "layers"), err) && infer(out, err);
}

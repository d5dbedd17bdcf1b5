/*
 * The only file of the library to see jansson. Any thread; no state. It knows nothing of files and
 * tensors.
 */
#include "model/card.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/digit.h"

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
    REAL_DIGITS = 15, /* enough for 0.9912 to be printed as that */
};

static const double scale = 1.0 / 255.0; /* canvas_normalise: a pixel's 255 becomes 1 */
static const char strokes[] = "white on black";

/* ---- writing -------------------------------------------------------------------------------- */

/* A member that cannot be made (no memory, not UTF-8, not finite) makes the whole object NULL;
 * jansson takes NULL for any argument, and the value in any case. */
static json_t *with(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) == 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *with_text(json_t *object, const char *key, const char *text)
{
    return *text == '\0' ? object : with(object, key, json_string(text));
}

static json_t *with_size(json_t *object, const char *key, size_t size)
{
    return with(object, key, json_integer((json_int_t)size));
}

/* A float's own digits: 0.1f is 0.1 and not 0.100000001490116. */
static json_t *real_of_float(float f)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.7g", (double)f);
    return json_real(strtod(text, NULL));
}

static json_t *format_layer(const struct layer *l)
{
    json_t *object = with_text(json_object(), "kind", layer_kind_name(l->kind));
    for (size_t i = 0; i < FIELDS; i++) {
        const char *at = (const char *)l + fields[i].offset;
        if ((layer_fields[l->kind] & fields[i].mask) == 0)
            continue;
        switch (fields[i].type) {
        case FIELD_TEXT:
            object = with_text(object, fields[i].key, at);
            break;
        case FIELD_SIZE:
            object = with_size(object, fields[i].key, *(const size_t *)(const void *)at);
            break;
        case FIELD_REAL:
            object = with(object, fields[i].key, real_of_float(*(const float *)(const void *)at));
            break;
        }
    }
    return object;
}

static json_t *append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) == 0)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *format_network(const struct network *net)
{
    json_t *layers = json_array();
    for (size_t i = 0; i < net->count; i++)
        layers = append(layers, format_layer(&net->layers[i]));
    return with(with_text(json_object(), "name", net->name), "layers", layers);
}

static json_t *format_classes(void)
{
    json_t *classes = json_array();
    for (int i = 0; i < DIGIT_CLASSES; i++)
        classes = append(classes, json_sprintf("%d", i));
    return classes;
}

static json_t *format_input(void)
{
    json_t *shape = json_pack("[iii]", 1, DIGIT_SIDE, DIGIT_SIDE);
    json_t *input = with(json_object(), "shape", shape);
    return with_text(with(input, "scale", json_real(scale)), "strokes", strokes);
}

/* JSON's readers take integers of 63 bits at best; a larger seed is kept as text. */
static json_t *format_seed(uint64_t seed)
{
    return seed <= INT64_MAX ? json_integer((json_int_t)seed)
                             : json_sprintf("%llu", (unsigned long long)seed);
}

static json_t *format_training(const struct card_training *t)
{
    json_t *object = with_text(json_object(), "optimizer", t->optimizer);
    object = with(object, "learning_rate", json_real(t->learning_rate));
    object = with_text(object, "loss", t->loss);
    object = with_size(object, "images", t->images);
    object = with_size(object, "batch", t->batch);
    object = with_size(object, "epochs", t->epochs);
    object = with(object, "seed", format_seed(t->seed));
    object = with_size(object, "threads", t->threads);
    return with_text(object, "library", t->library);
}

static json_t *with_provenance(json_t *object, const struct card *card)
{
    json_t *data = json_object();
    for (size_t i = 0; i < sizeof card->data / sizeof *card->data; i++)
        if (card->data[i].file[0] != '\0')
            data = with_text(data, card->data[i].file, card->data[i].sha256);
    object = with(object, "training", format_training(&card->training));
    object = with(object, "data", data);
    if (card->test_images == 0)
        return object;
    json_t *test = with_size(json_object(), "images", card->test_images);
    test = with(test, "accuracy", json_real(card->test_accuracy));
    return with(object, "test", with(test, "loss", json_real(card->test_loss)));
}

bool card_format(char **out, const struct card *card, struct error *err)
{
    char version[CARD_VERSION_LEN + 1];
    (void)snprintf(version, sizeof version, "%.*s", CARD_VERSION_LEN, card->sha256);
    json_t *object = with_text(json_object(), "name", card->name);
    object = with_text(object, "version", version);
    object = with_text(object, "sha256", card->sha256);
    object = with_text(object, "date", card->date);
    object = with_size(object, "parameters", network_parameter_count(&card->network));
    object = with(object, "classes", format_classes());
    object = with(object, "input", format_input());
    object = with(object, "network", format_network(&card->network));
    if (card->trained)
        object = with_provenance(object, card);
    *out = object == NULL ? NULL
                          : json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS));
    json_decref(object);
    return *out != NULL || error_set(err, ERROR_INTERNAL,
                                     "the card of '%s' cannot be written: a text is not UTF-8, a "
                                     "number not finite, or there is no memory",
                                     card->name);
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

void card_name(char out[CARD_TEXT_SIZE], const char *name, size_t len)
{
    size_t used = len < CARD_TEXT_SIZE - 1 ? len : CARD_TEXT_SIZE - 1;
    for (size_t i = 0; i < used; i++)
        out[i] = is_name_character(name[i]) ? name[i] : '_';
    out[used] = '\0';
}

static bool read_name(char *out, size_t size, const json_t *value)
{
    size_t len = json_string_length(value); /* 0 for what is no text */
    if (len == 0 || len >= size)
        return false;
    for (const char *c = json_string_value(value); *c != '\0'; c++)
        if (!is_name_character(*c))
            return false;
    memcpy(out, json_string_value(value), len + 1);
    return true;
}

static const char *read_field(struct layer *l, const struct field *f, const json_t *value)
{
    char *at = (char *)l + f->offset;
    switch (f->type) {
    case FIELD_TEXT:
        return read_name(at, NETWORK_NAME_SIZE, value)
                   ? NULL
                   : "must be 1 to 31 letters, digits, dots, '_' or '-'";
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

static bool bad_field(struct error *err, size_t index, enum layer_kind kind, const char *key,
                      const char *why)
{
    return error_set(err, ERROR_BAD_MODEL, "its network's layer %zu (%s): '%.40s' %s", index + 1,
                     layer_kind_name(kind), key, why);
}

static bool read_layer(struct layer *out, size_t index, json_t *object, struct error *err)
{
    const char *kind = json_string_value(json_object_get(object, "kind"));
    *out = (struct layer){.kind = kind == NULL ? LAYER_KINDS : layer_kind_named(kind)};
    if (out->kind == LAYER_KINDS)
        return error_set(err, ERROR_BAD_MODEL, "its network's layer %zu is of unknown kind '%.40s'",
                         index + 1, kind == NULL ? "" : kind);
    unsigned seen = 0;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (strcmp(key, "kind") == 0)
            continue;
        const struct field *f = field_of(out->kind, key);
        const char *why = f == NULL ? "is not known here" : read_field(out, f, value);
        if (why != NULL)
            return bad_field(err, index, out->kind, key, why);
        seen |= f->mask;
    }
    for (size_t i = 0; i < FIELDS; i++)
        if ((layer_fields[out->kind] & ~seen & ~(unsigned)OPTIONAL_FIELDS & fields[i].mask) != 0)
            return bad_field(err, index, out->kind, fields[i].key, "is missing");
    return true;
}

static bool read_layers(struct network *out, const json_t *layers, struct error *err)
{
    size_t count = json_array_size(layers);
    if (count == 0 || count > NETWORK_LAYERS_MAX)
        return error_set(err, ERROR_BAD_MODEL,
                         "its network's 'layers' must be a list of 1 to %d layers",
                         NETWORK_LAYERS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!read_layer(&out->layers[i], i, json_array_get(layers, i), err))
            return false;
    out->count = count;
    return true;
}

static bool read_network(struct network *out, json_t *object, struct error *err)
{
    const char *key;
    json_t *value;
    *out = (struct network){0};
    if (!read_name(out->name, sizeof out->name, json_object_get(object, "name")))
        return error_set(err, ERROR_BAD_MODEL, "its 'network' needs a name of letters and digits");
    json_object_foreach(
        object, key, value) if (strcmp(key, "name") != 0 &&
                                strcmp(key, "layers") !=
                                    0) return error_set(err, ERROR_BAD_MODEL,
                                                        "its network's '%.40s' is not known here",
                                                        key);
    if (!read_layers(out, json_object_get(object, "layers"), err))
        return false;

    size_t declared[NETWORK_LAYERS_MAX]; /* each "in", or 0 */
    for (size_t i = 0; i < out->count; i++)
        declared[i] = out->layers[i].input.channels;
    if (!network_infer(out, err))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        const struct layer *l = &out->layers[i];
        if (declared[i] != 0 && declared[i] != l->input.channels)
            return error_set(err, ERROR_BAD_MODEL,
                             "its network's layer %zu (%s %s): 'in' is %zu; what comes in is %zu",
                             i + 1, layer_kind_name(l->kind), l->name, declared[i],
                             l->input.channels);
    }
    return true;
}

static bool read_sha256(char out[FILE_SHA256_SIZE], const json_t *card, struct error *err)
{
    const char *text = json_string_value(json_object_get(card, "sha256"));
    if (text == NULL || strlen(text) != FILE_SHA256_SIZE - 1 ||
        strspn(text, "0123456789abcdef") != FILE_SHA256_SIZE - 1)
        return error_set(err, ERROR_BAD_MODEL, "its 'sha256' must be 64 hexadecimal digits");
    memcpy(out, text, FILE_SHA256_SIZE);
    const json_t *version = json_object_get(card, "version");
    if (version != NULL && (json_string_length(version) != CARD_VERSION_LEN ||
                            memcmp(json_string_value(version), text, CARD_VERSION_LEN) != 0))
        return error_set(err, ERROR_BAD_MODEL,
                         "its 'version' must be the first %d digits of its 'sha256'",
                         CARD_VERSION_LEN);
    return true;
}

/* A model that expects other pictures or gives other classes must not be served as if it did not.
 */
static bool check_classes(const json_t *classes, struct error *err)
{
    json_t *ours = format_classes();
    bool same = classes == NULL || json_equal(classes, ours);
    json_decref(ours);
    return same || error_set(err, ERROR_BAD_MODEL,
                             "its 'classes' must be the ten digits as texts, \"0\" first");
}

static bool check_input(json_t *input, struct error *err)
{
    json_int_t channels, height, width;
    double given_scale = scale;
    const char *given_strokes = strokes;
    if (input == NULL)
        return true;
    if (json_unpack(input, "{s:[III!], s?F, s?s !}", "shape", &channels, &height, &width, "scale",
                    &given_scale, "strokes", &given_strokes) != 0 ||
        channels != 1 || height != DIGIT_SIDE || width != DIGIT_SIDE ||
        !(fabs(given_scale - scale) < 1e-9) || strcmp(given_strokes, strokes) != 0)
        return error_set(err, ERROR_BAD_MODEL,
                         "its 'input' must be of shape [1, %d, %d], scale %.15g and strokes \"%s\"",
                         DIGIT_SIDE, DIGIT_SIDE, scale, strokes);
    return true;
}

bool card_parse(struct card *out, const char *json, size_t len, struct error *err)
{
    json_error_t why;
    *out = (struct card){0};
    json_t *card = json_loadb(json, len, JSON_REJECT_DUPLICATES, &why);
    if (card == NULL)
        return error_set(err, ERROR_BAD_MODEL, "it is not JSON: line %d: %s", why.line, why.text);
    bool ok = false;
    if (!json_is_object(card))
        error_set(err, ERROR_BAD_MODEL, "it is not a JSON object");
    else if (!read_name(out->name, sizeof out->name, json_object_get(card, "name")))
        error_set(err, ERROR_BAD_MODEL,
                  "its 'name' must be 1 to %d letters, digits, dots, '_' or '-'",
                  CARD_TEXT_SIZE - 1);
    else
        ok = read_sha256(out->sha256, card, err) &&
             check_classes(json_object_get(card, "classes"), err) &&
             check_input(json_object_get(card, "input"), err) &&
             read_network(&out->network, json_object_get(card, "network"), err);
    json_decref(card);
    return ok;
}

/*
 * What a card says besides the network, whose JSON is card/layers.c's. Any thread; no state. It
 * knows nothing of files and tensors.
 */
#include "model/card.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/card/layers.h"
#include "model/card/object.h"
#include "model/digit.h"
#include "model/document.h"

/* Enough for 0.9912 to be printed as that. */
enum { REAL_DIGITS = 15 };

static const double scale = 1.0 / 255.0; /* canvas_normalise: a pixel's 255 becomes 1 */
static const char strokes[] = "white on black";

/* Beyond these a softmax is 0 and 1, or all alike. */
static const double temperature_min = 0.05;
static const double temperature_max = 20;

/* ---- writing -------------------------------------------------------------------------------- */

static json_t *format_classes(void)
{
    json_t *classes = json_array();
    for (int i = 0; i < DIGIT_CLASSES; i++)
        classes = object_append(classes, json_sprintf("%d", i));
    return classes;
}

static json_t *format_input(void)
{
    json_t *shape = json_pack("[iii]", 1, DIGIT_SIDE, DIGIT_SIDE);
    json_t *input = object_with(json_object(), "shape", shape);
    return object_with_text(object_with(input, "scale", json_real(scale)), "strokes", strokes);
}

/* JSON's readers take integers of 63 bits at best; a larger seed is kept as text. */
static json_t *format_seed(uint64_t seed)
{
    return seed <= INT64_MAX ? json_integer((json_int_t)seed)
                             : json_sprintf("%llu", (unsigned long long)seed);
}

static json_t *format_training(const struct card_training *t)
{
    json_t *object = object_with_text(json_object(), "recipe", t->recipe);
    object = object_with_text(object, "options", t->options);
    object = object_with_text(object, "optimizer", t->optimizer);
    object = object_with(object, "learning_rate", json_real(t->learning_rate));
    object = object_with_text(object, "loss", t->loss);
    object = object_with_size(object, "images", t->images);
    object = object_with_size(object, "batch", t->batch);
    object = object_with_size(object, "epochs", t->epochs);
    if (t->kept_epoch > 0)
        object = object_with_size(object, "kept_epoch", t->kept_epoch);
    object = object_with(object, "seed", format_seed(t->seed));
    object = object_with_size(object, "threads", t->threads);
    return object_with_text(object, "library", t->library);
}

static json_t *with_test(json_t *object, const char *key, size_t images, double accuracy,
                         double loss)
{
    if (images == 0)
        return object;
    json_t *test = object_with_size(json_object(), "images", images);
    test = object_with(test, "accuracy", json_real(accuracy));
    return object_with(object, key, object_with(test, "loss", json_real(loss)));
}

static json_t *format_confidence(const struct confidence *c)
{
    json_t *object = object_with(json_object(), "temperature", json_real(c->temperature));
    return object_with(object, "uncertain_below", json_real(c->threshold));
}

static json_t *with_provenance(json_t *object, const struct card *card)
{
    json_t *data = json_object();
    for (size_t i = 0; i < sizeof card->data / sizeof *card->data; i++)
        if (card->data[i].file[0] != '\0')
            data = object_with_text(data, card->data[i].file, card->data[i].sha256);
    object = object_with(object, "training", format_training(&card->training));
    object = object_with(object, "data", data);
    object = with_test(object, "validation", card->validation_images, card->validation_accuracy,
                       card->validation_loss);
    return with_test(object, "test", card->test_images, card->test_accuracy, card->test_loss);
}

bool card_format(char **out, const struct card *card, struct error *err)
{
    struct error why = {0};
    char version[CARD_VERSION_LEN + 1];
    (void)snprintf(version, sizeof version, "%.*s", CARD_VERSION_LEN, card->sha256);
    json_t *object = object_with_text(json_object(), "name", card->name);
    object = object_with_text(object, "version", version);
    object = object_with_text(object, "sha256", card->sha256);
    object = object_with_text(object, "date", card->date);
    object = object_with_size(object, "parameters", network_parameter_count(&card->network));
    object = object_with(object, "classes", format_classes());
    object = object_with(object, "input", format_input());
    object = object_with(object, "network", layers_format(&card->network));
    if (card->confidence.temperature != 0)
        object = object_with(object, "confidence", format_confidence(&card->confidence));
    if (card->trained)
        object = with_provenance(object, card);
    *out = object == NULL
               ? NULL
               : document_write(object, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS), &why);
    json_decref(object);
    return *out != NULL || error_set(err, ERROR_INTERNAL,
                                     "the card of '%s' cannot be written: a text is not UTF-8, a "
                                     "number not finite, or there is no memory",
                                     card->name);
}

/* ---- reading -------------------------------------------------------------------------------- */

void card_name(char out[CARD_TEXT_SIZE], const char *name, size_t len)
{
    size_t used = len < CARD_TEXT_SIZE - 1 ? len : CARD_TEXT_SIZE - 1;
    for (size_t i = 0; i < used; i++)
        out[i] = object_is_name_character(name[i]) ? name[i] : '_';
    out[used] = '\0';
}

static bool read_network(struct network *out, json_t *object, struct error *err)
{
    if (!json_is_object(object))
        return error_set(err, ERROR_BAD_MODEL,
                         "its 'network' must be an object with a 'name' and 'layers'");
    return layers_read(out, object, err);
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

static bool read_confidence(struct confidence *out, json_t *object, struct error *err)
{
    *out = confidence_default;
    if (object == NULL)
        return true;
    if (json_unpack(object, "{s:F, s:F}", "temperature", &out->temperature, "uncertain_below",
                    &out->threshold) != 0 ||
        !(out->temperature >= temperature_min && out->temperature <= temperature_max) ||
        !(out->threshold >= 0 && out->threshold <= 1))
        return error_set(err, ERROR_BAD_MODEL,
                         "its 'confidence' must have a 'temperature' from %g to %g and an "
                         "'uncertain_below' from 0 to 1",
                         temperature_min, temperature_max);
    return true;
}

bool card_parse(struct card *out, const char *json, size_t len, struct error *err)
{
    *out = (struct card){0};
    json_t *card;
    if (!object_parse(&card, json, len, err))
        return false;
    bool ok = false;
    if (!object_read_name(out->name, sizeof out->name, json_object_get(card, "name")))
        error_set(err, ERROR_BAD_MODEL,
                  "its 'name' must be 1 to %d letters, digits, dots, '_' or '-'",
                  CARD_TEXT_SIZE - 1);
    else
        ok = read_sha256(out->sha256, card, err) &&
             check_classes(json_object_get(card, "classes"), err) &&
             check_input(json_object_get(card, "input"), err) &&
             read_confidence(&out->confidence, json_object_get(card, "confidence"), err) &&
             read_network(&out->network, json_object_get(card, "network"), err);
    json_decref(card);
    return ok;
}

/*
 * The wire's JSON, read into structs and written from them. The only file of the server that sees
 * jansson. Any thread; no state. Knows nothing of base64, pictures, engines or HTTP.
 *
 * Answers are written by hand: their shape is fixed, and a tree of ten numbers would cost more to
 * build than the numbers cost to print.
 */
#include "server/api.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/digit.h"
#include "server/number.h"
#include "server/text.h"

/* Reading */

/* Of a media type that is refused, so much stands in the error. */
enum { TYPE_SHOWN = 40 };

#define EXPECTED "write {\"image\": \"<base64>\"} or {\"images\": [\"<base64>\", ...]}"

static const char *type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

/* What jansson refuses although it may be JSON (RFC 8259), apart from what is not. */
static enum error_code code_of(const json_error_t *why)
{
    switch (json_error_code(why)) {
    case json_error_duplicate_key:
    case json_error_null_byte_in_key:
    case json_error_numeric_overflow:
    case json_error_stack_overflow:
        return ERROR_WRONG_SHAPE;
    case json_error_out_of_memory:
        return ERROR_OUT_OF_MEMORY;
    default:
        return ERROR_NOT_JSON;
    }
}

static bool load(json_t **out, const char *body, size_t len, struct error *err)
{
    if (len == 0)
        return error_set(err, ERROR_NOT_JSON, "the body is empty; " EXPECTED);
    json_error_t why;
    *out = json_loadb(body, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (*out == NULL)
        return error_set(err, code_of(&why), "line %d, column %d: %s", why.line, why.column,
                         why.text);
    return true;
}

/* RFC 2397: data:[<type>][;<parameter>]*[;base64],<data>. Moves *image behind the comma. */
static bool strip_data_url(struct api_image *image, struct error *err)
{
    static const char scheme[] = "data:", type[] = "image/", encoding[] = ";base64";
    const char *text = image->base64;
    if (image->len < strlen(scheme) || strncasecmp(text, scheme, strlen(scheme)) != 0)
        return true;
    const char *head = text + strlen(scheme);
    const char *comma = memchr(head, ',', image->len - strlen(scheme));
    if (comma == NULL)
        return error_set(err, ERROR_NOT_BASE64,
                         "the data: URL has no comma; write data:image/png;base64,<base64>");
    size_t head_len = (size_t)(comma - head);
    if (head_len < strlen(encoding) ||
        strncasecmp(comma - strlen(encoding), encoding, strlen(encoding)) != 0)
        return error_set(err, ERROR_NOT_BASE64,
                         "the data: URL is not base64; write data:image/png;base64,<base64>");
    if (strncasecmp(head, type, strlen(type)) != 0)
        return error_set(err, ERROR_UNSUPPORTED_IMAGE,
                         "the data: URL says that it is '%.*s', not image/png or the like",
                         (int)(head_len < TYPE_SHOWN ? head_len : TYPE_SHOWN), head);
    image->len -= (size_t)(comma + 1 - text);
    image->base64 = comma + 1;
    return true;
}

static bool read_image(struct api_image *out, const json_t *value, const char *what,
                       struct error *err)
{
    if (!json_is_string(value))
        return error_set(err, ERROR_WRONG_SHAPE,
                         "%s is %s; it must be a string of base64 or a data: URL", what,
                         type_name(value));
    *out = (struct api_image){json_string_value(value), json_string_length(value)};
    if (!strip_data_url(out, err))
        return false;
    if (out->len == 0)
        return error_set(err, ERROR_EMPTY_IMAGE, "%s is empty; send a PNG, JPEG or BMP picture",
                         what);
    return true;
}

static bool read_image_at(struct api_images *out, size_t index, const json_t *value,
                          struct error *err)
{
    return read_image(&out->list[index], value, "the picture", err) || api_blame(err, out, index);
}

static bool allocate(struct api_images *out, size_t count, struct error *err)
{
    out->count = count;
    out->list = calloc(count, sizeof *out->list);
    return out->list != NULL ||
           error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu pictures", count);
}

static bool read_images(struct api_images *out, const json_t *array, size_t count_max,
                        struct error *err)
{
    if (!json_is_array(array))
        return error_set(err, ERROR_WRONG_SHAPE, "'images' is %s; it must be an array of strings",
                         type_name(array));
    size_t count = json_array_size(array);
    if (count == 0)
        return error_set(err, ERROR_WRONG_SHAPE, "'images' is empty; send at least one picture");
    if (count > count_max)
        return error_set(err, ERROR_TOO_MANY_IMAGES,
                         "'images' has %zu pictures; send at most %zu at a time", count, count_max);
    if (!allocate(out, count, err))
        return false;
    out->many = true;
    for (size_t i = 0; i < count; i++)
        if (!read_image_at(out, i, json_array_get(array, i), err))
            return false;
    return true;
}

static bool check_fields(json_t *object, struct error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (strcmp(key, "image") != 0 && strcmp(key, "images") != 0)
            return error_set(err, ERROR_UNKNOWN_FIELD,
                             "there is no field '%.60s'; the fields are 'image' and 'images'", key);
    }
    return true;
}

static bool read_document(struct api_images *out, json_t *document, size_t count_max,
                          struct error *err)
{
    if (!json_is_object(document))
        return error_set(err, ERROR_WRONG_SHAPE, "the body is %s; " EXPECTED, type_name(document));
    if (!check_fields(document, err))
        return false;
    const json_t *image = json_object_get(document, "image");
    const json_t *images = json_object_get(document, "images");
    if ((image == NULL) == (images == NULL))
        return error_set(err, ERROR_WRONG_SHAPE, "the body has %s; " EXPECTED,
                         image == NULL ? "neither 'image' nor 'images'"
                                       : "both 'image' and 'images'");
    if (images != NULL)
        return read_images(out, images, count_max, err);
    return allocate(out, 1, err) && read_image(&out->list[0], image, "'image'", err);
}

bool api_read_predict(struct api_images *out, const char *body, size_t len, size_t count_max,
                      struct error *err)
{
    *out = (struct api_images){0};
    json_t *document;
    if (!load(&document, body, len, err))
        return false;
    out->document = document;
    if (read_document(out, document, count_max, err))
        return true;
    api_images_free(out);
    return false;
}

bool api_blame(struct error *err, const struct api_images *images, size_t index)
{
    if (!images->many)
        return false;
    struct error blamed = {0};
    (void)error_set(&blamed, err->code, "images[%zu]: %s", index, err->text);
    *err = blamed;
    return false;
}

void api_images_free(struct api_images *images)
{
    free(images->list);
    json_decref(images->document);
    *images = (struct api_images){0};
}

/* Writing */

static void write_number(struct text *t, float value)
{
    char *to = text_reserve(t, NUMBER_SIZE);
    if (to != NULL)
        text_wrote(t, number_write(to, value));
}

static void write_field(struct text *t, const char *before, const char *value)
{
    text_string(t, before);
    text_quoted(t, value);
}

static void write_model(struct text *t, const struct api_model *model)
{
    write_field(t, "\"model\":{\"name\":", model->name);
    write_field(t, ",\"version\":", model->version);
    text_string(t, "}");
}

static bool all_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static size_t largest(const float *probabilities)
{
    size_t best = 0;
    for (size_t i = 1; i < DIGIT_CLASSES; i++)
        if (probabilities[i] > probabilities[best])
            best = i;
    return best;
}

/* The members of one prediction. */
static void write_prediction(struct text *t, const float *probabilities)
{
    size_t best = largest(probabilities);
    text_string(t, "\"prediction\":");
    text_integer(t, best);
    text_string(t, ",\"confidence\":");
    write_number(t, probabilities[best]);
    text_string(t, ",\"probabilities\":");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        text_append(t, i == 0 ? "[" : ",", 1);
        write_number(t, probabilities[i]);
    }
    text_string(t, "]");
}

bool api_write_prediction(char **out, size_t *len, const float *probabilities, size_t count,
                          bool many, const struct api_model *model, struct error *err)
{
    if (!all_finite(probabilities, count * DIGIT_CLASSES))
        return error_set(err, ERROR_ENGINE,
                         "a probability is not a finite number; the weights "
                         "may hold such numbers, train the model again");
    struct text t = {0};
    text_string(&t, many ? "{\"predictions\":[" : "{");
    for (size_t i = 0; i < count; i++) {
        if (many)
            text_string(&t, i == 0 ? "{" : ",{");
        write_prediction(&t, probabilities + i * DIGIT_CLASSES);
        if (many)
            text_string(&t, "}");
    }
    text_string(&t, many ? "]," : ",");
    write_model(&t, model);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

/* The members that the table gives every error of a code. */
static void write_problem_type(struct text *t, enum error_code code)
{
    text_string(t, "{\"type\":\"/problems#");
    text_string(t, error_name(code));
    write_field(t, "\",\"title\":", error_title(code));
    text_string(t, ",\"status\":");
    text_integer(t, (size_t)error_status(code));
}

bool api_write_problem(char **out, size_t *len, const struct error *problem, struct error *err)
{
    struct text t = {0};
    write_problem_type(&t, problem->code);
    write_field(&t, ",\"detail\":", problem->text);
    write_field(&t, ",\"error\":", problem->text);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool api_write_problems(char **out, size_t *len, struct error *err)
{
    struct text t = {0};
    for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
        text_string(&t, code == ERROR_NONE + 1 ? "[" : ",");
        write_problem_type(&t, code);
        text_string(&t, "}");
    }
    text_string(&t, "]\n");
    return text_take(&t, out, len, err);
}

bool api_write_model(char **out, size_t *len, const char *card, const char *engine_name,
                     const char *engine_description, struct error *err)
{
    json_error_t why;
    json_t *document = json_loads(card, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(document)) {
        json_decref(document);
        return error_set(err, ERROR_BAD_MODEL, "the model card is no JSON object: %s", why.text);
    }
    char *json = NULL;
    json_t *engine =
        json_pack("{s:s, s:s}", "name", engine_name, "description", engine_description);
    if (json_object_set_new(document, "engine", engine) == 0)
        json = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(DBL_DIG));
    json_decref(document);
    if (json == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the model card");
    struct text t = {0};
    text_string(&t, json);
    text_string(&t, "\n");
    free(json);
    return text_take(&t, out, len, err);
}

bool api_write_health(char **out, size_t *len, const struct api_model *model, const char *engine,
                      struct error *err)
{
    struct text t = {0};
    text_string(&t, "{\"status\":\"ok\",");
    write_model(&t, model);
    write_field(&t, ",\"engine\":", engine);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool api_write_status(char **out, size_t *len, const char *status, struct error *err)
{
    struct text t = {0};
    write_field(&t, "{\"status\":", status);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool api_write_version(char **out, size_t *len, const char *name, const char *version,
                       struct error *err)
{
    struct text t = {0};
    write_field(&t, "{\"name\":", name);
    write_field(&t, ",\"version\":", version);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

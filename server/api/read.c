/*
 * The wire's JSON read into structs. With api/write.c the only file of the server that sees
 * jansson. Any thread. Knows nothing of base64, pictures, engines or HTTP.
 */
#include "server/api.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/api/options.h"
#include "server/api/plain.h"
#include "server/pull.h"

enum {
    /* Of a media type that is refused, so much stands in the error. */
    TYPE_SHOWN = 40,
    /* jansson makes some hundred bytes of a value of two. */
    VALUES_MAX = 10000,
};

#define EXPECTED "write {\"image\": \"<base64>\"} or {\"images\": [\"<base64>\", ...]}"

/* What jansson refuses although it may be JSON (RFC 8259), apart from what is not. */
static enum error_code code_of(const json_error_t *why)
{
    switch (json_error_code(why)) {
    case json_error_duplicate_key:
    case json_error_null_byte_in_key:
    case json_error_numeric_overflow:
    case json_error_stack_overflow:
        return ERROR_WRONG_SHAPE;
    default:
        return ERROR_NOT_JSON;
    }
}

/* jansson overlooks some of its own allocations' failures, and cuts a string off there. */
static _Thread_local bool is_out_of_memory;

static void *allocate_for_jansson(size_t len)
{
    void *p = malloc(len);
    is_out_of_memory |= p == NULL;
    return p;
}

static void watch_jansson(void)
{
    json_set_alloc_funcs(allocate_for_jansson, free);
}

static bool load(json_t **out, const char *body, size_t len, struct error *err)
{
    if (len == 0)
        return error_set(err, ERROR_NOT_JSON, "the body is empty; " EXPECTED);
    if (!pull_check(body, len, VALUES_MAX, err))
        return false;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_jansson);
    is_out_of_memory = false;
    json_error_t why;
    *out = json_loadb(body, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (is_out_of_memory) {
        json_decref(*out);
        *out = NULL;
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the JSON");
    }
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

bool api_read_text(struct api_image *image, const char *what, struct error *err)
{
    if (!strip_data_url(image, err))
        return false;
    return image->len > 0 ||
           error_set(err, ERROR_EMPTY_IMAGE, "%s is empty; send a PNG, JPEG or BMP picture", what);
}

static bool read_image(struct api_image *out, const json_t *value, const char *what,
                       struct error *err)
{
    if (!json_is_string(value))
        return error_set(err, ERROR_WRONG_SHAPE,
                         "%s is %s; it must be a string of base64 or a data: URL", what,
                         options_type_name(value));
    *out = (struct api_image){json_string_value(value), json_string_length(value), false};
    return api_read_text(out, what, err);
}

static bool read_image_at(struct api_images *out, size_t index, const json_t *value,
                          struct error *err)
{
    return read_image(&out->list[index], value, "the picture", err) || api_blame(err, out, index);
}

static bool allocate(struct api_images *out, size_t count, struct error *err)
{
    out->count = count;
    if (count == 1) {
        out->list = &out->one;
        return true;
    }
    out->list = calloc(count, sizeof *out->list);
    return out->list != NULL ||
           error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu pictures", count);
}

static bool read_images(struct api_images *out, const json_t *array, size_t count_max,
                        struct error *err)
{
    if (!json_is_array(array))
        return error_set(err, ERROR_WRONG_SHAPE, "'images' is %s; it must be an array of strings",
                         options_type_name(array));
    size_t count = json_array_size(array);
    if (count == 0)
        return error_set(err, ERROR_WRONG_SHAPE, "'images' is empty; send at least one picture");
    if (count > count_max)
        return error_set(err, ERROR_TOO_MANY_IMAGES,
                         "'images' has %zu pictures; send at most %zu at a time", count, count_max);
    if (!allocate(out, count, err))
        return false;
    out->many = true;
    out->called = "images";
    for (size_t i = 0; i < count; i++)
        if (!read_image_at(out, i, json_array_get(array, i), err))
            return false;
    return true;
}

/* All fields but those with the pictures. */
static bool read_options(struct api_options *out, json_t *object, struct error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        bool is_picture = strcmp(key, "image") == 0 || strcmp(key, "images") == 0;
        if (!is_picture && !options_read_field(out, key, value, err))
            return false;
    }
    return true;
}

static bool read_document(struct api_images *out, json_t *document, size_t count_max,
                          struct error *err)
{
    if (!json_is_object(document))
        return error_set(err, ERROR_WRONG_SHAPE, "the body is %s; " EXPECTED,
                         options_type_name(document));
    if (!read_options(&out->options, document, err))
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

/* The plain form needs no document. */
static bool read_plain(struct api_images *out, struct error *err)
{
    out->count = 1;
    out->list = &out->one;
    return api_read_text(&out->one, "'image'", err);
}

static bool read_parsed(struct api_images *out, const char *body, size_t len, size_t count_max,
                        struct error *err)
{
    json_t *document;
    if (!load(&document, body, len, err))
        return false;
    out->document = document;
    return read_document(out, document, count_max, err);
}

bool api_read_predict(struct api_images *out, const char *body, size_t len, size_t count_max,
                      struct error *err)
{
    *out = (struct api_images){0};
    if (plain_image(&out->one, body, len) ? read_plain(out, err)
                                          : read_parsed(out, body, len, count_max, err))
        return true;
    api_images_free(out);
    return false;
}

bool api_blame(struct error *err, const struct api_images *images, size_t index)
{
    if (!images->many)
        return false;
    struct error blamed = {0};
    (void)error_set(&blamed, err->code, "%s[%zu]: %s", images->called, index, err->text);
    *err = blamed;
    return false;
}

void api_images_free(struct api_images *images)
{
    if (images->list != &images->one)
        free(images->list);
    json_decref(images->document);
    *images = (struct api_images){0};
}

/*
 * The wire's JSON read into structs. Any thread. Knows nothing of base64, pictures, engines or
 * HTTP.
 *
 * The text is looked through whole before anything is read of it, so that what is no JSON is told
 * before what is wrong with its shape. Then its members are: options, and where the pictures are.
 */
#include "server/api.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/api/options.h"
#include "server/api/plain.h"
#include "server/pull.h"

enum {
    /* Of a media type that is refused, so much stands in the error. */
    TYPE_SHOWN = 40,
    VALUES_MAX = 10000,
};

#define EXPECTED "write {\"image\": \"<base64>\"} or {\"images\": [\"<base64>\", ...]}"

/* Where the members' values are; NULL: there is no such member. */
struct members {
    const char *image;
    const char *images;
};

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

static bool read_image(struct api_image *out, struct pull *p, const char *what)
{
    struct pull_text text;
    const enum pull_kind kind = pull_peek(p);
    if (kind != PULL_STRING)
        return error_set(p->err, ERROR_WRONG_SHAPE,
                         "%s is %s; it must be a string of base64 or a data: URL", what,
                         pull_kind_name(kind));
    if (!pull_string(p, &text, what))
        return false;
    *out = (struct api_image){text.bytes, text.len, false};
    return api_read_text(out, what, p->err);
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

static size_t count_elements(struct pull *p)
{
    const char *start = p->at;
    size_t count = 0;
    if (pull_array(p, "'images'"))
        while (pull_element(p))
            count += pull_skip(p);
    pull_back(p, start);
    return count;
}

static bool read_images(struct api_images *out, struct pull *p, size_t count_max)
{
    const enum pull_kind kind = pull_peek(p);
    if (kind != PULL_ARRAY)
        return error_set(p->err, ERROR_WRONG_SHAPE,
                         "'images' is %s; it must be an array of strings", pull_kind_name(kind));
    const size_t count = count_elements(p);
    if (count == 0)
        return error_set(p->err, ERROR_WRONG_SHAPE, "'images' is empty; send at least one picture");
    if (count > count_max)
        return error_set(p->err, ERROR_TOO_MANY_IMAGES,
                         "'images' has %zu pictures; send at most %zu at a time", count, count_max);
    if (!allocate(out, count, p->err) || !pull_array(p, "'images'"))
        return false;
    out->many = true;
    out->called = "images";
    for (size_t i = 0; pull_element(p); i++)
        if (!read_image(&out->list[i], p, "the picture"))
            return api_blame(p->err, out, i);
    return pull_good(p);
}

/* One member: an option is read, a picture is passed by. */
static bool read_member(struct api_options *out, struct members *m, unsigned *seen,
                        const struct pull_text *name, struct pull *p)
{
    const char **place = pull_text_is(name, "image")    ? &m->image
                         : pull_text_is(name, "images") ? &m->images
                                                        : NULL;
    if (place == NULL)
        return options_read_field(out, seen, name, p);
    if (*place != NULL)
        return error_set(p->err, ERROR_WRONG_SHAPE, "the body has '%.*s' twice", (int)name->len,
                         name->bytes);
    *place = p->at;
    return pull_skip(p);
}

static bool read_members(struct api_options *out, struct members *m, struct pull *p)
{
    struct pull_text name;
    unsigned seen = 0;
    const enum pull_kind kind = pull_peek(p);
    if (kind != PULL_OBJECT)
        return error_set(p->err, ERROR_WRONG_SHAPE, "the body is %s; " EXPECTED,
                         pull_kind_name(kind));
    bool good = pull_object(p, "the body");
    while (good && pull_member(p, &name))
        good = read_member(out, m, &seen, &name, p);
    return good && pull_good(p);
}

static bool read_document(struct api_images *out, struct pull *p, size_t count_max)
{
    struct members m = {0};
    if (!read_members(&out->options, &m, p))
        return false;
    if ((m.image == NULL) == (m.images == NULL))
        return error_set(p->err, ERROR_WRONG_SHAPE, "the body has %s; " EXPECTED,
                         m.image == NULL ? "neither 'image' nor 'images'"
                                         : "both 'image' and 'images'");
    pull_back(p, m.image != NULL ? m.image : m.images);
    if (m.images != NULL)
        return read_images(out, p, count_max);
    return allocate(out, 1, p->err) && read_image(&out->list[0], p, "'image'");
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
    struct pull p;
    if (len == 0)
        return error_set(err, ERROR_NOT_JSON, "the body is empty; " EXPECTED);
    if (!pull_check(body, len, VALUES_MAX, err))
        return false;
    pull_start(&p, body, len, err);
    const bool good = read_document(out, &p, count_max);
    out->copies = pull_take_copies(&p);
    pull_stop(&p);
    return good;
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
    free(images->copies);
    *images = (struct api_images){0};
}

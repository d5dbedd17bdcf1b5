/*
 * Pictures from the wire. Any thread; no state. Lends what it reads.
 */
#include "server/openinference/pictures.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/openinference/fields.h"

static const char picture[] = "the picture";

static bool pull_text(struct api_image *out, struct pull *p)
{
    struct pull_text text;
    if (!pull_string(p, &text, picture))
        return false;
    *out = (struct api_image){.base64 = text.bytes, .len = text.len};
    return api_read_text(out, picture, p->err);
}

/* {"b64": ...}, or {"any_name": {"b64": ...}} where `nested` says that it may be so. */
static bool pull_wrapped(struct api_image *out, struct pull *p, bool nested)
{
    struct pull_text name;
    if (!pull_object(p, picture))
        return false;
    if (!pull_member(p, &name))
        return error_set(p->err, ERROR_WRONG_SHAPE,
                         "%s is an empty object; write "
                         "{\"b64\": \"<base64>\"}",
                         picture);
    const bool good = pull_text_is(&name, "b64") ? pull_text(out, p)
                      : nested                   ? pull_wrapped(out, p, false)
                                                 : error_set(p->err, ERROR_UNKNOWN_FIELD,
                                                             "the picture's field is 'b64', not '%.*s'",
                                                             (int)(name.len < 60 ? name.len : 60), name.bytes);
    if (good && pull_member(p, &name))
        return error_set(p->err, ERROR_UNKNOWN_FIELD, "the picture has more than one field");
    return pull_good(p);
}

static bool pull_picture(struct api_image *out, struct pull *p)
{
    return pull_peek(p) == PULL_OBJECT ? pull_wrapped(out, p, true) : pull_text(out, p);
}

static bool grow(struct api_images *out, size_t *room, struct error *err)
{
    const size_t more = 2 * *room + 1;
    struct api_image *list = realloc(out->list, more * sizeof *list);
    if (list == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu pictures", more);
    out->list = list;
    *room = more;
    return true;
}

bool pictures_pull_one(struct api_images *out, struct pull *p)
{
    size_t room = 0;
    if (!grow(out, &room, p->err) || !pull_picture(&out->list[0], p))
        return false;
    out->count = 1;
    return true;
}

bool pictures_pull_list(struct api_images *out, struct pull *p, size_t max, const char *what)
{
    size_t room = 0;
    out->many = true;
    out->called = what;
    if (!pull_array(p, what))
        return false;
    while (pull_element(p)) {
        if (out->count == max)
            return error_set(p->err, ERROR_TOO_MANY_IMAGES,
                             "%s has more pictures than %zu; send at most %zu at a time", what, max,
                             max);
        if (out->count == room && !grow(out, &room, p->err))
            return false;
        if (!pull_picture(&out->list[out->count], p))
            return p->err->code == ERROR_NOT_JSON ? false : api_blame(p->err, out, out->count);
        out->count++;
    }
    if (pull_good(p) && out->count == 0)
        return error_set(p->err, ERROR_WRONG_SHAPE, "%s is empty; send at least one picture", what);
    return pull_good(p);
}

bool pictures_from_bytes(struct api_images *out, const char *bytes, size_t len, size_t count,
                         struct error *err)
{
    out->many = true;
    out->called = "the binary data";
    out->list = calloc(count, sizeof *out->list);
    if (out->list == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for %zu pictures", count);
    for (; out->count < count; out->count++) {
        uint32_t file_len = UINT32_MAX;
        if (len >= sizeof file_len)
            memcpy(&file_len, bytes, sizeof file_len);
        file_len = le32toh(file_len);
        if (len < sizeof file_len || len - sizeof file_len < file_len)
            return error_set(err, ERROR_WRONG_SHAPE,
                             "the binary data ends within picture %zu of %zu; each has its length "
                             "before it, in 4 bytes",
                             out->count + 1, count);
        out->list[out->count] =
            (struct api_image){.base64 = bytes + sizeof file_len, .len = file_len, .is_file = true};
        bytes += sizeof file_len + file_len;
        len -= sizeof file_len + file_len;
    }
    return len == 0 ||
           error_set(err, ERROR_WRONG_SHAPE,
                     "the binary data has %zu bytes more than the %zu pictures", len, count);
}

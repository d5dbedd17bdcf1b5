/*
 * The tensor that goes in: its members from JSON, its data from there or from behind it. Any
 * thread; no state.
 *
 * Members may come in any order. Clients write the data last, so it is read where it lies once the
 * tensor's type and shape are known; data that comes before them is passed by and gone back to.
 */
#include "server/openinference/input.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "model/digit.h"
#include "server/openinference/fields.h"
#include "server/openinference/pictures.h"
#include "server/openinference/pixels.h"

struct input {
    const struct input_place *place;
    const struct datatype *type; /* NULL: not read yet; as is a rank of 0 */
    struct pixels_shape shape;
    const char *data_at; /* where `data` was passed by; NULL: it was not */
    bool has_data;
    bool has_binary;
    size_t binary_len;
};

static bool pull_pixels(struct input *in, struct pull *p);
static bool pull_pictures(struct input *in, struct pull *p);
static bool take_pixels(struct input *in, struct error *err);
static bool take_pictures(struct input *in, struct error *err);

static const struct datatype {
    const char *name;
    enum pixels_type pixels;
    bool (*pull)(struct input *in, struct pull *p);
    bool (*take)(struct input *in, struct error *err); /* from the binary data */
} datatypes[] = {
    {"FP32", PIXELS_FP32, pull_pixels, take_pixels},
    {"UINT8", PIXELS_UINT8, pull_pixels, take_pixels},
    {"BYTES", 0, pull_pictures, take_pictures},
};

static bool count_pixels(struct input *in, struct error *err)
{
    const struct input_place *place = in->place;
    return pixels_count(&place->out->count, &in->shape, place->count_max, err);
}

static bool count_pictures(struct input *in, struct error *err)
{
    const struct input_place *place = in->place;
    place->out->count = in->shape.sizes[0];
    if (in->shape.rank > 2 || (in->shape.rank == 2 && in->shape.sizes[1] != 1) ||
        place->out->count == 0)
        return error_set(err, ERROR_WRONG_SHAPE, "pictures have another shape than [N] or [N,1]");
    return place->out->count <= place->count_max ||
           error_set(err, ERROR_TOO_MANY_IMAGES,
                     "there are %zu pictures; send at most %zu at a time", place->out->count,
                     place->count_max);
}

static bool pull_pixels(struct input *in, struct pull *p)
{
    struct openinference_request *out = in->place->out;
    struct pixels_shape found;
    if (!count_pixels(in, p->err))
        return false;
    const size_t total = out->count * DIGIT_PIXELS;
    if (!pixels_pull(&out->pixels, &found, p, in->type->pixels, total, "'data'"))
        return false;
    const bool flat = found.rank == 1 && found.sizes[0] == total;
    const bool nested = memcmp(&found, &in->shape, sizeof found) == 0;
    return flat || nested ||
           error_set(p->err, ERROR_WRONG_SHAPE,
                     "'data' has not the numbers that 'shape' says; nest them so, or write a flat "
                     "list of %zu",
                     total);
}

static bool pull_pictures(struct input *in, struct pull *p)
{
    struct openinference_request *out = in->place->out;
    if (!count_pictures(in, p->err) || !pictures_pull_list(&out->images, p, out->count, "data"))
        return false;
    return out->images.count == out->count ||
           error_set(p->err, ERROR_WRONG_SHAPE, "'data' has %zu pictures; 'shape' says %zu",
                     out->images.count, out->count);
}

static bool take_pixels(struct input *in, struct error *err)
{
    const struct input_place *place = in->place;
    return count_pixels(in, err) &&
           pixels_from_bytes(&place->out->pixels, place->binary, in->binary_len, in->type->pixels,
                             place->out->count * DIGIT_PIXELS, err);
}

static bool take_pictures(struct input *in, struct error *err)
{
    const struct input_place *place = in->place;
    return count_pictures(in, err) && pictures_from_bytes(&place->out->images, place->binary,
                                                          in->binary_len, place->out->count, err);
}

static bool read_name(struct pull *p, void *target)
{
    struct pull_text name;
    (void)target;
    return pull_string(p, &name, "an input's 'name'");
}

static bool read_datatype(struct pull *p, void *target)
{
    struct input *in = target;
    struct pull_text name;
    if (!pull_string(p, &name, "'datatype'"))
        return false;
    for (size_t i = 0; i < sizeof datatypes / sizeof *datatypes; i++)
        if (pull_text_is(&name, datatypes[i].name))
            in->type = &datatypes[i];
    return in->type != NULL || error_set(p->err, ERROR_WRONG_SHAPE,
                                         "'datatype' is '%.*s'; it must be FP32, UINT8 or BYTES",
                                         (int)(name.len < 60 ? name.len : 60), name.bytes);
}

static bool read_shape(struct pull *p, void *target)
{
    struct pixels_shape *shape = &((struct input *)target)->shape;
    double size;
    if (!pull_array(p, "'shape'"))
        return false;
    while (pull_element(p)) {
        if (shape->rank == PIXELS_RANK_MAX)
            return error_set(p->err, ERROR_WRONG_SHAPE, "'shape' has more than %d sizes",
                             PIXELS_RANK_MAX);
        if (!pull_number(p, &size, "a size in 'shape'"))
            return false;
        if (!(size >= 0 && size <= INT32_MAX && size == (int32_t)size))
            return error_set(p->err, ERROR_WRONG_SHAPE,
                             "%.9g in 'shape' is no size; it must be a whole number", size);
        shape->sizes[shape->rank++] = (size_t)size;
    }
    return pull_good(p) &&
           (shape->rank > 0 || error_set(p->err, ERROR_WRONG_SHAPE, "'shape' is empty"));
}

static bool read_binary_size(struct pull *p, void *target)
{
    struct input *in = target;
    double size;
    if (!pull_number(p, &size, "'binary_data_size'"))
        return false;
    if (!(size >= 0 && size <= INT32_MAX && size == (int32_t)size))
        return error_set(p->err, ERROR_WRONG_SHAPE, "'binary_data_size' is no number of bytes");
    in->has_binary = true;
    in->binary_len = (size_t)size;
    return true;
}

/* What clients say about how they encoded: base64 for pictures, np (NumPy) for numbers. */
static bool read_content_type(struct pull *p, void *target)
{
    static const char *const known[] = {"base64", "np", "image/png", "image/jpeg", "image/bmp"};
    struct pull_text type;
    (void)target;
    if (!pull_string(p, &type, "'content_type'"))
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == type.len && strncasecmp(known[i], type.bytes, type.len) == 0)
            return true;
    return error_set(p->err, ERROR_UNSUPPORTED_MEDIA_TYPE,
                     "the content_type is '%.*s'; it may be base64, np, image/png, image/jpeg or "
                     "image/bmp",
                     (int)(type.len < 60 ? type.len : 60), type.bytes);
}

static bool read_input_parameters(struct pull *p, void *target)
{
    static const struct field fields[] = {
        {"binary_data_size", read_binary_size, false},
        {"content_type", read_content_type, false},
    };
    return fields_read(p, "an input's 'parameters'", fields, sizeof fields / sizeof *fields,
                       target);
}

static bool read_data(struct pull *p, void *target)
{
    struct input *in = target;
    in->has_data = true;
    if (in->type != NULL && in->shape.rank > 0)
        return in->type->pull(in, p);
    (void)pull_peek(p); /* white space */
    in->data_at = p->at;
    return pull_skip(p);
}

static bool go_back_for_data(struct input *in, struct pull *p)
{
    const char *here = p->at;
    pull_back(p, in->data_at);
    const bool good = in->type->pull(in, p);
    pull_back(p, here);
    return good;
}

static bool finish_input(struct input *in, struct pull *p)
{
    const struct input_place *place = in->place;
    if (in->has_data == in->has_binary)
        return error_set(p->err, ERROR_WRONG_SHAPE,
                         in->has_data ? "the input has both 'data' and 'binary_data_size'"
                                      : "the input has neither 'data' nor 'binary_data_size'");
    if ((in->has_binary ? in->binary_len : 0) != place->binary_len)
        return error_set(p->err, ERROR_WRONG_SHAPE,
                         "there are %zu bytes behind the JSON; the input says %zu (is the field "
                         "%s right?)",
                         place->binary_len, in->binary_len, OPENINFERENCE_HEADER_LENGTH);
    if (in->has_binary)
        return in->type->take(in, p->err);
    return in->data_at == NULL || go_back_for_data(in, p);
}

bool input_read(struct pull *p, const struct input_place *place)
{
    static const struct field fields[] = {
        {"name", read_name, true},         {"shape", read_shape, true},
        {"datatype", read_datatype, true}, {"parameters", read_input_parameters, false},
        {"data", read_data, false},
    };
    struct input in = {.place = place};
    return fields_read(p, "the input", fields, sizeof fields / sizeof *fields, &in) &&
           finish_input(&in, p);
}

/*
 * V1 requests. Any thread; no state.
 */
#include "model/digit.h"
#include "server/openinference.h"
#include "server/openinference/fields.h"
#include "server/openinference/pictures.h"
#include "server/openinference/pixels.h"

struct reading {
    struct openinference_request *out;
    size_t count_max;
    bool has_instances;
    bool has_inputs;
};

static bool pull_pixels(struct reading *r, struct pull *p, const char *what)
{
    struct pixels_shape shape;
    return pixels_pull(&r->out->pixels, &shape, p, PIXELS_FP32, r->count_max * DIGIT_PIXELS,
                       what) &&
           pixels_count(&r->out->count, &shape, r->count_max, p->err);
}

static bool pull_pictures(struct reading *r, struct pull *p, const char *what)
{
    struct api_images *images = &r->out->images;
    if (!pictures_pull_list(images, p, r->count_max, what))
        return false;
    r->out->count = images->count;
    return true;
}

/* A list of lists is pixels; of anything else, pictures. */
static bool pull_list(struct reading *r, struct pull *p, const char *what)
{
    return pull_peek_inside(p) == PULL_ARRAY ? pull_pixels(r, p, what) : pull_pictures(r, p, what);
}

/* One of the two members that hold the images; not both. */
static bool begin(struct reading *r, struct error *err)
{
    return !r->has_instances && !r->has_inputs
               ? true
               : error_set(err, ERROR_WRONG_SHAPE,
                           "the body has both 'instances' and 'inputs'; write one of them");
}

static bool read_instances(struct pull *p, void *target)
{
    struct reading *r = target;
    if (!begin(r, p->err))
        return false;
    r->has_instances = true;
    return pull_list(r, p, "instances");
}

static bool pull_one(struct reading *r, struct pull *p)
{
    r->out->count = 1;
    return pictures_pull_one(&r->out->images, p);
}

/* {"any_name": [...]}, a list under the one input's name; or {"b64": ...}, one picture. */
static bool pull_named(struct reading *r, struct pull *p)
{
    const char *here = p->at;
    struct pull_text name;
    if (!pull_object(p, "inputs"))
        return false;
    if (!pull_member(p, &name))
        return error_set(p->err, ERROR_WRONG_SHAPE, "'inputs' is empty");
    if (pull_text_is(&name, "b64")) {
        pull_back(p, here);
        return pull_one(r, p);
    }
    if (!pull_list(r, p, "inputs") || !pull_member(p, &name))
        return pull_good(p);
    return error_set(p->err, ERROR_WRONG_SHAPE,
                     "'inputs' has more than one input; the model has one");
}

static bool read_inputs(struct pull *p, void *target)
{
    struct reading *r = target;
    if (!begin(r, p->err))
        return false;
    r->has_inputs = true;
    switch (pull_peek(p)) {
    case PULL_OBJECT:
        return pull_named(r, p);
    case PULL_STRING:
        return pull_one(r, p);
    default:
        return pull_list(r, p, "inputs");
    }
}

static bool check_either(const struct reading *r, struct error *err)
{
    return r->has_instances || r->has_inputs ||
           error_set(err, ERROR_WRONG_SHAPE,
                     "the body has neither 'instances' nor 'inputs'; write {\"instances\": [...]}");
}

bool openinference_read_v1(struct openinference_request *out, const struct openinference_body *body,
                           size_t count_max, struct error *err)
{
    static const struct field fields[] = {
        {"instances", read_instances, false},
        {"inputs", read_inputs, false},
    };
    struct reading reading = {.out = out, .count_max = count_max};
    *out = (struct openinference_request){0};
    struct pull *p = &out->text;
    pull_start(p, body->bytes, body->len, err);
    if (!fields_read(p, "the body", fields, sizeof fields / sizeof *fields, &reading) ||
        !pull_end(p) || !check_either(&reading, err)) {
        pull_blame(body->bytes, body->len, err);
        openinference_free(out);
        return false;
    }
    out->form.by_columns = reading.has_inputs;
    return true;
}

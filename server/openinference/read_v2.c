/*
 * V2 requests: the JSON, and where the binary data behind it begins. Any thread; no state.
 */
#include <stdlib.h>
#include <string.h>

#include "server/openinference.h"
#include "server/openinference/fields.h"
#include "server/openinference/input.h"
#include "server/openinference/outputs.h"

/* What is known while a request is read. */
struct reading {
    struct input_place place;
    size_t input_count;
    struct outputs outputs;
    bool binary_outputs; /* those that say nothing themselves */
};

static bool read_id(struct pull *p, void *target)
{
    struct openinference_form *form = &((struct reading *)target)->place.out->form;
    struct pull_text id;
    if (!pull_string(p, &id, "'id'"))
        return false;
    if (memchr(id.bytes, '\0', id.len) != NULL)
        return error_set(p->err, ERROR_WRONG_SHAPE, "'id' has a NUL character in it");
    form->id = strndup(id.bytes, id.len);
    return form->id != NULL || error_set(p->err, ERROR_OUT_OF_MEMORY, "no memory for the id");
}

static bool read_binary_data_output(struct pull *p, void *target)
{
    return pull_boolean(p, &((struct reading *)target)->binary_outputs, "'binary_data_output'");
}

static bool read_parameters(struct pull *p, void *target)
{
    static const struct field fields[] = {{"binary_data_output", read_binary_data_output, false}};
    return fields_read(p, "'parameters'", fields, sizeof fields / sizeof *fields, target);
}

static bool read_inputs(struct pull *p, void *target)
{
    struct reading *r = target;
    if (!pull_array(p, "'inputs'"))
        return false;
    while (pull_element(p)) {
        if (r->input_count++ > 0)
            return error_set(p->err, ERROR_WRONG_SHAPE,
                             "there is more than one input; the model has one: put all images into "
                             "one tensor");
        (void)input_read(p, &r->place);
    }
    return pull_good(p) &&
           (r->input_count > 0 || error_set(p->err, ERROR_WRONG_SHAPE, "'inputs' is empty"));
}

static bool read_wanted(struct pull *p, void *target)
{
    return outputs_read(p, &((struct reading *)target)->outputs);
}

/* Fills *len with how much of the body is JSON. */
static bool find_json(size_t *len, const struct openinference_body *body, struct error *err)
{
    char *end = NULL;
    *len = body->len;
    if (body->json_len == NULL)
        return true;
    const unsigned long long said = strtoull(body->json_len, &end, 10);
    if (body->json_len[0] < '0' || body->json_len[0] > '9' || *end != '\0' || said > body->len)
        return error_set(err, ERROR_BAD_REQUEST,
                         "%s is '%.30s'; it must be how much of the body's %zu bytes is JSON",
                         OPENINFERENCE_HEADER_LENGTH, body->json_len, body->len);
    *len = (size_t)said;
    return true;
}

bool openinference_read_v2(struct openinference_request *out, const struct openinference_body *body,
                           size_t count_max, struct error *err)
{
    static const struct field fields[] = {
        {"inputs", read_inputs, true},
        {"outputs", read_wanted, false},
        {"id", read_id, false},
        {"parameters", read_parameters, false},
    };
    size_t len;
    *out = (struct openinference_request){0};
    if (!find_json(&len, body, err))
        return false;
    struct reading reading = {.place = {out, body->bytes + len, body->len - len, count_max}};
    struct pull *p = &out->text;
    pull_start(p, body->bytes, len, err);
    if (!fields_read(p, "the body", fields, sizeof fields / sizeof *fields, &reading) ||
        !pull_end(p)) {
        pull_blame(body->bytes, len, err);
        openinference_free(out);
        return false;
    }
    outputs_settle(&out->form, &reading.outputs, reading.binary_outputs);
    return true;
}

void openinference_form_free(struct openinference_form *form)
{
    free(form->id);
    *form = (struct openinference_form){0};
}

void openinference_free(struct openinference_request *request)
{
    api_images_free(&request->images);
    free(request->pixels);
    openinference_form_free(&request->form);
    pull_stop(&request->text);
    *request = (struct openinference_request){0};
}

/*
 * Which outputs a client wants, and how. Any thread; no state.
 */
#include "server/openinference/outputs.h"

#include "server/openinference/fields.h"

static const char *const names[OPENINFERENCE_OUTPUTS] = {
    [OPENINFERENCE_PROBABILITIES] = "probabilities",
    [OPENINFERENCE_PREDICTION] = "prediction",
};

const char *outputs_name(size_t which)
{
    return names[which];
}

static bool read_output_name(struct pull *p, void *target)
{
    struct output *out = target;
    struct pull_text name;
    if (!pull_string(p, &name, "an output's 'name'"))
        return false;
    for (out->which = 0; out->which < OPENINFERENCE_OUTPUTS; out->which++)
        if (pull_text_is(&name, outputs_name(out->which)))
            return true;
    return error_set(p->err, ERROR_WRONG_SHAPE,
                     "there is no output '%.*s'; there are 'probabilities' and 'prediction'",
                     (int)(name.len < 60 ? name.len : 60), name.bytes);
}

static bool read_binary_data(struct pull *p, void *target)
{
    struct output *out = target;
    out->says = true;
    return pull_boolean(p, &out->is_binary, "'binary_data'");
}

static bool refuse_classification(struct pull *p, void *target)
{
    (void)target;
    return error_set(p->err, ERROR_WRONG_SHAPE,
                     "there is no 'classification' here; ask for the output 'prediction'");
}

static bool read_output_parameters(struct pull *p, void *target)
{
    static const struct field fields[] = {
        {"binary_data", read_binary_data, false},
        {"classification", refuse_classification, false},
    };
    return fields_read(p, "an output's 'parameters'", fields, sizeof fields / sizeof *fields,
                       target);
}

static bool add_output(struct outputs *o, const struct output *output, struct error *err)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->list[i].which == output->which)
            return error_set(err, ERROR_WRONG_SHAPE, "'outputs' has the same output twice");
    o->list[o->count++] = *output;
    return true;
}

bool outputs_read(struct pull *p, void *target)
{
    static const struct field fields[] = {
        {"name", read_output_name, true},
        {"parameters", read_output_parameters, false},
    };
    if (!pull_array(p, "'outputs'"))
        return false;
    while (pull_element(p)) {
        struct output output = {0};
        if (fields_read(p, "an output", fields, sizeof fields / sizeof *fields, &output))
            (void)add_output(target, &output, p->err);
    }
    return pull_good(p);
}

void outputs_settle(struct openinference_form *form, const struct outputs *o, bool binary)
{
    form->output_count = o->count > 0 ? o->count : OPENINFERENCE_OUTPUTS;
    for (size_t i = 0; i < form->output_count; i++) {
        const struct output *said = &o->list[i];
        form->outputs[i].output = (enum openinference_output)(o->count > 0 ? said->which : i);
        form->outputs[i].is_binary = said->says ? said->is_binary : binary;
    }
}

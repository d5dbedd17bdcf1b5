/*
 * The table of options. Each is a JSON field and a query parameter; both come down to texts. Any
 * thread; no state.
 */
#include "server/api/options.h"

#include <assert.h>
#include <string.h>

enum kind { KIND_TEXT, KIND_SWITCH, KIND_LIST };

struct option {
    const char *name;
    enum kind kind;
    bool (*set)(struct api_options *o, const char *text); /* false: it knows no such text */
    const char *field;                                    /* what the JSON field may be */
    const char *parameter;                                /* what the parameter may be */
};

static bool set_mode(struct api_options *o, const char *text)
{
    static const char *const modes[] = {
        [API_AUTO] = "auto", [API_MNIST] = "mnist", [API_NONE] = "none"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(text, modes[i]) != 0)
            continue;
        o->mode = (enum api_mode)i;
        return true;
    }
    return false;
}

static bool set_segment(struct api_options *o, const char *text)
{
    o->segment = strcmp(text, "true") == 0;
    return o->segment || strcmp(text, "false") == 0;
}

static bool set_include(struct api_options *o, const char *text)
{
    o->include_input = strcmp(text, "input") == 0;
    return o->include_input;
}

static const struct option options[] = {
    {"mode", KIND_TEXT, set_mode, "\"auto\", \"mnist\" or \"none\"", "auto, mnist or none"},
    {"segment", KIND_SWITCH, set_segment, "true or false", "true or false"},
    {"include", KIND_LIST, set_include, "a list of \"input\"", "input"},
};

enum { OPTIONS = sizeof options / sizeof *options };

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

const char *options_type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

static bool set_string(struct api_options *o, const struct option *option, const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) && option->set(o, text);
}

static bool set_list(struct api_options *o, const struct option *option, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!set_string(o, option, json_array_get(list, i)))
            return false;
    return json_is_array(list);
}

static bool set_field(struct api_options *o, const struct option *option, const json_t *value)
{
    switch (option->kind) {
    case KIND_TEXT:
        return set_string(o, option, value);
    case KIND_SWITCH:
        return json_is_boolean(value) && option->set(o, json_is_true(value) ? "true" : "false");
    default:
        return set_list(o, option, value);
    }
}

bool options_read_field(struct api_options *o, const char *name, const json_t *value,
                        struct error *err)
{
    const struct option *option = find(name);
    if (option == NULL)
        return error_set(err, ERROR_UNKNOWN_FIELD,
                         "there is no field '%.60s'; the fields are 'image', 'images', 'mode', "
                         "'segment' and 'include'",
                         name);
    if (set_field(o, option, value))
        return true;
    return json_is_string(value)
               ? error_set(err, ERROR_WRONG_SHAPE, "'%s' is \"%.60s\"; it must be %s", name,
                           json_string_value(value), option->field)
               : error_set(err, ERROR_WRONG_SHAPE, "'%s' is %s; it must be %s", name,
                           json_is_array(value) ? "another list" : options_type_name(value),
                           option->field);
}

const char *api_option_name(size_t index)
{
    return index < OPTIONS ? options[index].name : NULL;
}

bool api_read_option(struct api_options *o, const char *name, const char *value, struct error *err)
{
    const struct option *option = find(name);
    assert(option != NULL);
    return option->set(o, value) ||
           error_set(err, ERROR_BAD_ARGUMENT, "the parameter %s is '%.60s'; it must be %s", name,
                     value, option->parameter);
}

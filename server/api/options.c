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

enum {
    OPTIONS = sizeof options / sizeof *options,
    TEXT_SHOWN = 60,
    WORD_SIZE = 16, /* longer than each word that an option knows */
};

/* `OPTIONS`: none is called that. */
static size_t find(const struct pull_text *name)
{
    size_t i = 0;
    while (i < OPTIONS && !pull_text_is(name, options[i].name))
        i++;
    return i;
}

/* Of a text in an error so much is shown. */
static int shown(const struct pull_text *text)
{
    return (int)(text->len < TEXT_SHOWN ? text->len : TEXT_SHOWN);
}

static bool set_text(struct api_options *o, const struct option *option,
                     const struct pull_text *text)
{
    char word[WORD_SIZE];
    if (text->len >= sizeof word || memchr(text->bytes, '\0', text->len) != NULL)
        return false;
    memcpy(word, text->bytes, text->len);
    word[text->len] = '\0';
    return option->set(o, word);
}

/* Reads to the end of the list, whatever is in it. */
static bool set_list(struct api_options *o, const struct option *option, struct pull *p)
{
    struct pull_text text;
    bool good = pull_array(p, option->name);
    while (pull_element(p)) {
        const bool is_text = pull_peek(p) == PULL_STRING;
        const bool is_read = is_text ? pull_string(p, &text, option->name) : pull_skip(p);
        good = good && is_text && is_read && set_text(o, option, &text);
    }
    return good;
}

static bool set_field(struct api_options *o, const struct option *option, struct pull *p)
{
    struct pull_text text = {0};
    bool on;
    const enum pull_kind kind = pull_peek(p);
    if (kind == PULL_STRING && !pull_string(p, &text, option->name))
        return false;
    if (option->kind == KIND_TEXT && kind == PULL_STRING && set_text(o, option, &text))
        return true;
    if (option->kind == KIND_SWITCH && (kind == PULL_TRUE || kind == PULL_FALSE))
        return pull_boolean(p, &on, option->name) && option->set(o, on ? "true" : "false");
    if (option->kind == KIND_LIST && kind == PULL_ARRAY && set_list(o, option, p))
        return true;
    if (kind == PULL_STRING)
        return error_set(p->err, ERROR_WRONG_SHAPE, "'%s' is \"%.*s\"; it must be %s", option->name,
                         shown(&text), text.bytes, option->field);
    return error_set(p->err, ERROR_WRONG_SHAPE, "'%s' is %s; it must be %s", option->name,
                     kind == PULL_ARRAY ? "another list" : pull_kind_name(kind), option->field);
}

bool options_read_field(struct api_options *o, unsigned *seen, const struct pull_text *name,
                        struct pull *p)
{
    const size_t i = find(name);
    if (i == OPTIONS)
        return error_set(p->err, ERROR_UNKNOWN_FIELD,
                         "there is no field '%.*s'; the fields are 'image', 'images', 'mode', "
                         "'segment' and 'include'",
                         shown(name), name->bytes);
    if ((*seen >> i & 1) != 0)
        return error_set(p->err, ERROR_WRONG_SHAPE, "the body has '%s' twice", options[i].name);
    *seen |= 1u << i;
    return set_field(o, &options[i], p);
}

const char *api_option_name(size_t index)
{
    return index < OPTIONS ? options[index].name : NULL;
}

bool api_read_option(struct api_options *o, const char *name, const char *value, struct error *err)
{
    const struct pull_text text = {name, strlen(name)};
    const size_t i = find(&text);
    assert(i < OPTIONS);
    return options[i].set(o, value) ||
           error_set(err, ERROR_BAD_ARGUMENT, "the parameter %s is '%.60s'; it must be %s", name,
                     value, options[i].parameter);
}

/*
 * JSON by pulling. One thread a text. Knows nothing of what the JSON is about.
 *
 * Commas are looked for where the next element is: `is_first` tells whether there must be one. It
 * is set by the brace or bracket that opens a container and cleared by every value.
 */
#include "server/pull.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/number.h"
#include "server/pull/string.h"

static const char *const kind_names[] = {
    [PULL_OBJECT] = "an object", [PULL_ARRAY] = "an array", [PULL_STRING] = "a string",
    [PULL_NUMBER] = "a number",  [PULL_TRUE] = "true",      [PULL_FALSE] = "false",
    [PULL_NULL] = "null",
};

void pull_start(struct pull *p, const char *text, size_t len, struct error *err)
{
    *p = (struct pull){
        .start = text, .at = text, .end = text + len, .values_left = SIZE_MAX, .err = err};
}

const char *pull_kind_name(enum pull_kind kind)
{
    return kind_names[kind];
}

bool pull_text_is(const struct pull_text *text, const char *characters)
{
    return strlen(characters) == text->len && memcmp(text->bytes, characters, text->len) == 0;
}

char *pull_take_copies(struct pull *p)
{
    char *copies = p->copies;
    p->copies = NULL;
    return copies;
}

void pull_stop(struct pull *p)
{
    free(p->copies);
    *p = (struct pull){0};
}

bool pull_good(const struct pull *p)
{
    return p->err->code == ERROR_NONE;
}

/* ---- errors ---- */

bool pull_refuse(struct pull *p, const char *at, const char *why)
{
    size_t line = 1, column = 1;
    for (const char *c = p->start; c < at; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    if (at == p->end)
        return error_set(p->err, ERROR_NOT_JSON, "line %zu, column %zu: the text ends too early",
                         line, column);
    return error_set(p->err, ERROR_NOT_JSON, "line %zu, column %zu: %s", line, column, why);
}

static bool refuse_value(struct pull *p)
{
    return pull_refuse(p, p->at, "there is no JSON value here");
}

/* ---- white space and words ---- */

static void skip_space(struct pull *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

static bool take(struct pull *p, char c)
{
    skip_space(p);
    if (!pull_good(p) || p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool take_word(struct pull *p, const char *word)
{
    const size_t len = strlen(word);
    p->is_first = false;
    if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0)
        return refuse_value(p);
    p->at += len;
    return true;
}

enum pull_kind pull_peek(struct pull *p)
{
    skip_space(p);
    if (!pull_good(p) || p->at == p->end)
        return PULL_NOTHING;
    switch (*p->at) {
    case '{':
        return PULL_OBJECT;
    case '[':
        return PULL_ARRAY;
    case '"':
        return PULL_STRING;
    case 't':
        return PULL_TRUE;
    case 'f':
        return PULL_FALSE;
    case 'n':
        return PULL_NULL;
    default:
        return *p->at == '-' || (*p->at >= '0' && *p->at <= '9') ? PULL_NUMBER : PULL_NOTHING;
    }
}

enum pull_kind pull_peek_inside(struct pull *p)
{
    if (pull_peek(p) != PULL_ARRAY)
        return PULL_NOTHING;
    struct pull inside = *p;
    inside.at++;
    return pull_peek(&inside);
}

/* Says that a value is of another kind than it must be, if it is a value at all. */
static bool refuse_kind(struct pull *p, enum pull_kind found, const char *what, const char *wanted)
{
    return pull_skip(p) && error_set(p->err, ERROR_WRONG_SHAPE, "%s is %s; it must be %s", what,
                                     kind_names[found], wanted);
}

static bool expect(struct pull *p, enum pull_kind kind, const char *what)
{
    const enum pull_kind found = pull_peek(p);
    if (found == kind)
        return true;
    return refuse_kind(p, found, what, kind_names[kind]);
}

/* ---- containers ---- */

static bool open_container(struct pull *p, enum pull_kind kind, const char *what)
{
    if (!expect(p, kind, what))
        return false;
    p->at++;
    p->is_first = true;
    return true;
}

bool pull_object(struct pull *p, const char *what)
{
    return open_container(p, PULL_OBJECT, what);
}

bool pull_array(struct pull *p, const char *what)
{
    return open_container(p, PULL_ARRAY, what);
}

/* Whether another one follows in the container that `closer` closes. */
static bool goes_on(struct pull *p, char closer, const char *otherwise)
{
    const bool is_first = p->is_first;
    p->is_first = false;
    if (take(p, closer))
        return false;
    return (is_first || take(p, ',') || pull_refuse(p, p->at, otherwise)) && pull_good(p);
}

bool pull_element(struct pull *p)
{
    return goes_on(p, ']', "there must be ',' or ']' here");
}

bool pull_member(struct pull *p, struct pull_text *name)
{
    if (!goes_on(p, '}', "there must be ',' or '}' here"))
        return false;
    if (pull_peek(p) != PULL_STRING)
        return pull_refuse(p, p->at, "there must be a member's name in quotes here");
    return pull_string(p, name, "a name") &&
           (take(p, ':') || pull_refuse(p, p->at, "there must be ':' here"));
}

/* ---- values ---- */

bool pull_number(struct pull *p, double *out, const char *what)
{
    if (!expect(p, PULL_NUMBER, what))
        return false;
    const size_t len = number_read(out, p->at, (size_t)(p->end - p->at));
    p->is_first = false;
    p->at += len;
    return len > 0 || pull_refuse(p, p->at, "this is no JSON number");
}

bool pull_boolean(struct pull *p, bool *out, const char *what)
{
    const enum pull_kind found = pull_peek(p);
    *out = found == PULL_TRUE;
    if (found == PULL_TRUE || found == PULL_FALSE)
        return take_word(p, *out ? "true" : "false");
    return refuse_kind(p, found, what, "true or false");
}

bool pull_string(struct pull *p, struct pull_text *out, const char *what)
{
    p->is_first = false;
    return expect(p, PULL_STRING, what) && string_read(p, out);
}

/* Opens or closes what lies at p->at, or passes by it, and keeps count: bit i of `objects` says
 * that the container at depth i + 1 is an object. */
static bool skip_step(struct pull *p, uint64_t *objects, size_t *depth)
{
    struct pull_text unused;
    double number;
    if (p->values_left-- == 0)
        return error_set(p->err, ERROR_WRONG_SHAPE, "the JSON holds too many values");
    switch (pull_peek(p)) {
    case PULL_OBJECT:
    case PULL_ARRAY:
        if (*depth == PULL_DEPTH_MAX)
            return error_set(p->err, ERROR_WRONG_SHAPE, "the JSON is nested more than %d deep",
                             PULL_DEPTH_MAX);
        *objects = *objects << 1 | (*p->at == '{');
        ++*depth;
        p->at++;
        p->is_first = true;
        return true;
    case PULL_STRING:
        return pull_string(p, &unused, "");
    case PULL_NUMBER:
        return pull_number(p, &number, "");
    case PULL_TRUE:
        return take_word(p, "true");
    case PULL_FALSE:
        return take_word(p, "false");
    case PULL_NULL:
        return take_word(p, "null");
    default:
        return refuse_value(p);
    }
}

bool pull_skip(struct pull *p)
{
    const size_t copies_len = p->copies_len;
    struct pull_text name;
    uint64_t objects = 0;
    size_t depth = 0;
    do {
        if (!skip_step(p, &objects, &depth))
            return false;
        while (depth > 0 && !(objects & 1 ? pull_member(p, &name) : pull_element(p)) &&
               pull_good(p)) {
            objects >>= 1;
            depth--;
        }
    } while (depth > 0 && pull_good(p));
    p->copies_len = copies_len; /* nobody was lent what was skipped */
    return pull_good(p);
}

bool pull_end(struct pull *p)
{
    skip_space(p);
    return pull_good(p) &&
           (p->at == p->end || pull_refuse(p, p->at, "there is more behind the value"));
}

void pull_back(struct pull *p, const char *at)
{
    p->at = at;
}

bool pull_check(const char *text, size_t len, size_t values_max, struct error *err)
{
    struct pull p;
    pull_start(&p, text, len, err);
    p.values_left = values_max;
    const bool good = pull_skip(&p) && pull_end(&p);
    pull_stop(&p);
    return good;
}

void pull_blame(const char *text, size_t len, struct error *err)
{
    struct error syntax = {0};
    if (err->code != ERROR_NOT_JSON && !pull_check(text, len, SIZE_MAX, &syntax) &&
        syntax.code == ERROR_NOT_JSON)
        *err = syntax;
}

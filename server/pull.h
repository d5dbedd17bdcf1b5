/*
 * A JSON text (RFC 8259) read where it lies, value by value: no tree, and no copy but of strings
 * with escapes. What is pulled must be of the kind that is asked for; what nobody asks for is
 * skipped, and checked all the same.
 *
 * The first failure is told in `err`, and from then on everything fails, so that loops need no
 * check of their own:
 *
 *     if (!pull_object(&p, "the body"))
 *         return false;
 *     while (pull_member(&p, &name))
 *         ... pull the member's value ...
 *     return pull_good(&p);
 */
#ifndef DIGIT_PULL_H
#define DIGIT_PULL_H

#include <stddef.h>

#include "model/error.h"

enum { PULL_DEPTH_MAX = 64 };

enum pull_kind {
    PULL_NOTHING, /* the text ends here, or no value starts so */
    PULL_OBJECT,
    PULL_ARRAY,
    PULL_STRING,
    PULL_NUMBER,
    PULL_TRUE,
    PULL_FALSE,
    PULL_NULL,
};

/* "an object", "null": for errors. */
const char *pull_kind_name(enum pull_kind kind);

/* One thread. */
struct pull {
    const char *start; /* lent */
    const char *at;
    const char *end;
    bool is_first;      /* nothing was pulled from the list or object that was opened last */
    char *copies;       /* owned: the strings that had escapes */
    size_t copies_len;  /* used; there is room for the whole text */
    size_t values_left; /* that may be skipped */
    struct error *err;  /* lent */
};

/* A string's characters, valid UTF-8. One may be a NUL. Lent until pull_stop. */
struct pull_text {
    const char *bytes;
    size_t len;
};

/* Whether the text is those characters. */
bool pull_text_is(const struct pull_text *text, const char *characters);

void pull_start(struct pull *p, const char *text, size_t len, struct error *err);
void pull_stop(struct pull *p);

/* Hands over what the strings with escapes are in (the caller frees; NULL: there are none), for who
 * needs strings beyond pull_stop. */
char *pull_take_copies(struct pull *p);

/* Whether nothing has failed. */
bool pull_good(const struct pull *p);

/* What comes next. */
enum pull_kind pull_peek(struct pull *p);

/* What an array that comes next begins with; PULL_NOTHING: no array comes, or it is empty. */
enum pull_kind pull_peek_inside(struct pull *p);

/* Open a container; `what` names it in an error: "'inputs' is a string; it must be an array". */
bool pull_object(struct pull *p, const char *what);
bool pull_array(struct pull *p, const char *what);

/* Go to the next member or element; false when there is none, having closed the container. */
bool pull_member(struct pull *p, struct pull_text *name);
bool pull_element(struct pull *p);

bool pull_string(struct pull *p, struct pull_text *out, const char *what);
bool pull_number(struct pull *p, double *out, const char *what);
bool pull_boolean(struct pull *p, bool *out, const char *what);

/* Passes by a value of any kind, nested at most PULL_DEPTH_MAX deep. */
bool pull_skip(struct pull *p);

/* Whether nothing but white space follows. */
bool pull_end(struct pull *p);

/* Goes back to `at`, where a value was skipped. */
void pull_back(struct pull *p, const char *at);

/* Whether a text is one JSON value, and holds at most `values_max` of them, itself among them. */
bool pull_check(const char *text, size_t len, size_t values_max, struct error *err) MUST_CHECK;

/* For whoever has refused a text for what it says: where it is no JSON at all, that becomes the
 * error. */
void pull_blame(const char *text, size_t len, struct error *err);

#endif

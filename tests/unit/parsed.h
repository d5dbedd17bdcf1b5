/*
 * An answer of the server as JSON, for the tests that look into it. To be included after cmocka.h.
 */
#ifndef DIGIT_TESTS_PARSED_H
#define DIGIT_TESTS_PARSED_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Takes the text, which must be one object, whole, and end its line; the caller frees what it
 * gives. */
static inline json_t *parsed(char *text, size_t len)
{
    assert_int_equal(strlen(text), len);
    assert_int_equal(text[len - 1], '\n');
    json_error_t why;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (json == NULL)
        fail_msg("%s in %s", why.text, text);
    free(text);
    return json;
}

#endif

/*
 * What jansson lacks: chains of members that may fail anywhere, and names. Any thread; no state. It
 * knows nothing of what the JSON means.
 */
#include "model/card/object.h"

#include <string.h>

#include "model/document.h"

json_t *object_with(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) == 0)
        return object;
    json_decref(object);
    return NULL;
}

json_t *object_with_text(json_t *object, const char *key, const char *text)
{
    return *text == '\0' ? object : object_with(object, key, json_string(text));
}

json_t *object_with_size(json_t *object, const char *key, size_t size)
{
    return object_with(object, key, json_integer((json_int_t)size));
}

json_t *object_append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) == 0)
        return array;
    json_decref(array);
    return NULL;
}

bool object_is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool object_read_name(char *out, size_t size, const json_t *value)
{
    size_t len = json_string_length(value); /* 0 for what is no text */
    if (len == 0 || len >= size)
        return false;
    for (const char *c = json_string_value(value); *c != '\0'; c++)
        if (!object_is_name_character(*c))
            return false;
    memcpy(out, json_string_value(value), len + 1);
    return true;
}

bool object_parse(json_t **out, const char *json, size_t len, struct error *err)
{
    struct error why = {0};
    *out = document_read(json, len, &why);
    if (*out == NULL)
        return why.code == ERROR_OUT_OF_MEMORY
                   ? error_set(err, why.code, "%s", why.text)
                   : error_set(err, ERROR_BAD_MODEL, "it is not JSON: %s", why.text);
    if (json_is_object(*out))
        return true;
    json_decref(*out);
    return error_set(err, ERROR_BAD_MODEL, "it is not a JSON object");
}

/*
 * Networks from files. Any thread; no state. What the JSON looks like is layers.c's.
 */
#include "model/network_file.h"

#include <stdlib.h>
#include <string.h>

#include "model/card/layers.h"
#include "model/file.h"

/* Far above what 32 layers need. */
static const size_t len_max = (size_t)1 << 20;
static const char suffix[] = ".json";

bool network_file_parse(struct network *out, const char *json, size_t len, struct error *err)
{
    json_t *object;
    *out = (struct network){0};
    if (!object_parse(&object, json, len, err))
        return false;
    bool ok = layers_read(out, object, err);
    json_decref(object);
    return ok;
}

static bool is_file(const char *text)
{
    size_t len = strlen(text), end = sizeof suffix - 1;
    return strchr(text, '/') != NULL || (len >= end && strcmp(text + len - end, suffix) == 0);
}

static bool read_file(struct network *out, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    struct error why = {0};
    if (!file_read(&bytes, &len, path, len_max, err))
        return false;
    bool ok = network_file_parse(out, (const char *)bytes, len, &why);
    free(bytes);
    return ok || error_set(err, why.code, "'%s': %s", path, why.text);
}

bool network_file_choose(struct network *out, const char *text, struct error *err)
{
    struct error why = {0};
    if (is_file(text))
        return read_file(out, text, err);
    return network_named(out, text, &why) ||
           error_set(err, why.code, "%s, and files that end in %s", why.text, suffix);
}

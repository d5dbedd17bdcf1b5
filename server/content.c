/*
 * The table of content types. Runs on the exchange's loop.
 */
#include "server/content.h"

#include <string.h>
#include <strings.h>

struct content_type {
    const char *name;
    enum content content;
};

static const struct content_type types[] = {
    {"application/json", CONTENT_JSON},
    {"image/png", CONTENT_PICTURE},
    {"image/jpeg", CONTENT_PICTURE},
    {"image/bmp", CONTENT_PICTURE},
};

/* Parameters, such as a charset, are of no consequence to these types. */
enum content content_of(const struct http_exchange *ex)
{
    const char *value = http_header(ex, "Content-Type");
    if (value == NULL)
        return CONTENT_UNKNOWN;
    const size_t len = strcspn(value, "; \t");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].name) == len && strncasecmp(types[i].name, value, len) == 0)
            return types[i].content;
    return CONTENT_UNKNOWN;
}

bool content_admit(const struct http_exchange *ex, struct error *err)
{
    if (content_of(ex) != CONTENT_UNKNOWN)
        return true;
    const char *value = http_header(ex, "Content-Type");
    return error_set(err, ERROR_UNSUPPORTED_MEDIA_TYPE,
                     "the Content-Type is %s%.60s%s; send application/json, image/png, image/jpeg "
                     "or image/bmp",
                     value == NULL ? "missing" : "'", value == NULL ? "" : value,
                     value == NULL ? "" : "'");
}

bool content_admit_json(const struct http_exchange *ex, struct error *err)
{
    const char *coding = http_header(ex, "Content-Encoding");
    return coding == NULL || strcasecmp(coding, "identity") == 0 ||
           error_set(err, ERROR_UNSUPPORTED_MEDIA_TYPE,
                     "the Content-Encoding is '%.60s'; send the body as it is", coding);
}

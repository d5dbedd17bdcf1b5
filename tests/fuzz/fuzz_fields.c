/*
 * What stands in single fields of a head and in the query: one text, taken for each of them.
 */
#include <string.h>

#include "server/api.h"
#include "server/cors.h"
#include "server/path.h"
#include "server/trace.h"
#include "tests/fuzz/fuzz.h"

static void look_at_trace(const char *value)
{
    struct trace t, again;
    char written[TRACE_PARENT_SIZE];
    const bool valid = trace_read(&t, value);
    FUZZ_EXPECT(valid == (t.id[0] != '\0'));
    if (valid) {
        trace_write(written, &t);
        FUZZ_EXPECT(strlen(written) == TRACE_PARENT_SIZE - 1 && trace_read(&again, written));
        FUZZ_EXPECT(strcmp(again.id, t.id) == 0 && strcmp(again.span, t.span) == 0);
    }
    if (trace_takes_request_id(value))
        FUZZ_EXPECT(strlen(value) <= TRACE_REQUEST_ID_MAX && strpbrk(value, "\r\n \t") == NULL);
}

static void look_at_path(const char *path)
{
    static const char *const patterns[] = {"/predict", "/v2/models/{model}/infer",
                                           "/v2/models/{model}/versions/{version}",
                                           "/v1/models/{model}:predict"};
    struct path_part parts[PATH_PARTS_MAX];
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (!path_match(patterns[i], path, parts))
            continue;
        for (size_t k = 0; k < PATH_PARTS_MAX && parts[k].text != NULL; k++)
            FUZZ_EXPECT(parts[k].len > 0 && parts[k].text > path &&
                        parts[k].text + parts[k].len <= path + strlen(path) &&
                        memchr(parts[k].text, '/', parts[k].len) == NULL);
    }
}

static void look_at_options(const char *value)
{
    for (size_t i = 0; api_option_name(i) != NULL; i++) {
        struct api_options o = {0};
        struct error err = {0};
        if (!api_read_option(&o, api_option_name(i), value, &err))
            FUZZ_EXPECT(err.code == ERROR_BAD_ARGUMENT && err.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    char *text = malloc(len + 1);
    FUZZ_EXPECT(text != NULL);
    memcpy(text, bytes, len);
    text[len] = '\0';
    look_at_trace(text);
    look_at_path(text);
    look_at_options(text);
    if (!cors_check(text, &err))
        FUZZ_EXPECT(err.code == ERROR_BAD_ARGUMENT && err.text[0] != '\0');
    free(text);
    return 0;
}

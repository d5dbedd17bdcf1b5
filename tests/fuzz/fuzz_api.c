/*
 * api_read_predict: any body gives pictures, or an error that makes a sound problem document; and
 * the short way in agrees with the parser.
 */
#include "server/api.h"

#include <jansson.h>
#include <string.h>

#include "server/api/plain.h"
#include "tests/fuzz/fuzz.h"

enum { COUNT_MAX = 4 };

static void check_problem(const struct error *problem)
{
    struct error err = {0};
    char *text;
    size_t len;
    FUZZ_EXPECT(api_write_problem(&text, &len, problem, &err));
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_EXPECT(json != NULL);
    json_decref(json);
    free(text);
}

/* Looks at every character, so that a sanitizer sees where they are. */
static size_t count_nuls(const struct api_images *images)
{
    size_t count = 0;
    for (size_t i = 0; i < images->count; i++)
        for (size_t k = 0; k < images->list[i].len; k++)
            count += images->list[i].base64[k] == '\0';
    return count;
}

/* What is read without the parser, the parser reads alike. */
static void check_plain(const char *body, size_t len)
{
    struct api_image image;
    if (!plain_image(&image, body, len))
        return;
    json_t *json = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_EXPECT(json_object_size(json) == 1);
    const json_t *same = json_object_get(json, "image");
    FUZZ_EXPECT(json_string_length(same) == image.len);
    FUZZ_EXPECT(memcmp(json_string_value(same), image.base64, image.len) == 0);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct api_images images;
    check_plain((const char *)bytes, len);
    if (!api_read_predict(&images, (const char *)bytes, len, COUNT_MAX, &err)) {
        check_problem(&err);
        return 0;
    }
    FUZZ_EXPECT(images.count >= 1 && images.count <= COUNT_MAX);
    FUZZ_EXPECT(images.many || images.count == 1);
    FUZZ_EXPECT(images.options.mode <= API_NONE);
    FUZZ_EXPECT(count_nuls(&images) <= len);
    api_images_free(&images);
    return 0;
}

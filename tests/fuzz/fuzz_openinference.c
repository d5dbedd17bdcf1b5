/*
 * Requests of V1 and V2: any body gives pictures or pixels within what the rest relies on, or an
 * error. The first two bytes say how much of a body is JSON; 0xffff: all of it.
 */
#include "server/openinference.h"

#include <jansson.h>
#include <string.h>

#include "model/digit.h"
#include "tests/fuzz/fuzz.h"

enum { COUNT_MAX = 4 };

/* Looks at every byte, so that a sanitizer sees where they are. */
static void look_at(const struct openinference_request *r)
{
    unsigned sum = 0;
    FUZZ_EXPECT(r->count >= 1 && r->count <= COUNT_MAX);
    for (size_t i = 0; r->pixels != NULL && i < r->count * DIGIT_PIXELS; i++)
        FUZZ_EXPECT(r->pixels[i] >= 0 && r->pixels[i] <= 1);
    FUZZ_EXPECT(r->pixels != NULL || r->images.count == r->count);
    for (size_t i = 0; i < r->images.count; i++)
        for (size_t k = 0; k < r->images.list[i].len; k++)
            sum += (unsigned char)r->images.list[i].base64[k];
    FUZZ_EXPECT(sum < UINT32_MAX);
}

/* The answer must be JSON, and as long as it says. */
static void answer(const struct openinference_request *r)
{
    static const float probabilities[COUNT_MAX * DIGIT_CLASSES] = {0.5f, 0.25f, 0.25f};
    const struct api_model model = {.name = "m", .version = "1"};
    const struct openinference_answer a = {probabilities, r->count, &model};
    struct error err = {0};
    char *text;
    size_t len, json_len;
    FUZZ_EXPECT(openinference_write_v2(&text, &len, &json_len, &a, &r->form, &err));
    json_t *json = json_loadb(text, json_len, JSON_REJECT_DUPLICATES, NULL);
    size_t binary = 0;
    const json_t *outputs = json_object_get(json, "outputs");
    for (size_t i = 0; i < json_array_size(outputs); i++)
        binary += (size_t)json_integer_value(json_object_get(
            json_object_get(json_array_get(outputs, i), "parameters"), "binary_data_size"));
    FUZZ_EXPECT(json_array_size(outputs) >= 1 && json_len + binary == len);
    json_decref(json);
    free(text);
}

/* What our own reader takes, jansson takes, but for what it refuses although it may be JSON. */
static void compare(const char *json, size_t len)
{
    json_error_t why;
    json_t *document = json_loadb(json, len, JSON_ALLOW_NUL, &why);
    const enum json_error_code code = json_error_code(&why);
    FUZZ_EXPECT(document != NULL || code == json_error_null_byte_in_key ||
                code == json_error_numeric_overflow);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct openinference_request request;
    struct error err = {0};
    char json_len[8] = "";
    if (len < 2)
        return 0;
    const unsigned said = bytes[0] | (unsigned)bytes[1] << 8;
    (void)snprintf(json_len, sizeof json_len, "%u", said);
    const struct openinference_body body = {(const char *)bytes + 2, len - 2,
                                            said == 0xffff ? NULL : json_len};
    if (openinference_read_v2(&request, &body, COUNT_MAX, &err)) {
        compare(body.bytes, said == 0xffff ? body.len : said);
        look_at(&request);
        answer(&request);
        openinference_free(&request);
    }
    err = (struct error){0};
    if (openinference_read_v1(&request, &body, COUNT_MAX, &err)) {
        compare(body.bytes, body.len);
        look_at(&request);
        openinference_free(&request);
    }
    return 0;
}

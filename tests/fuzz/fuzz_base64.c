/*
 * base64_decode: what it takes encodes back to exactly what came in.
 */
#include "server/base64.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static char digit(unsigned value)
{
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[value & 63];
}

static void encode(char *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 3) {
        unsigned group = (unsigned)bytes[i] << 16;
        group |= i + 1 < len ? (unsigned)bytes[i + 1] << 8 : 0;
        group |= i + 2 < len ? bytes[i + 2] : 0;
        *out++ = digit(group >> 18);
        *out++ = digit(group >> 12);
        *out++ = i + 1 < len ? digit(group >> 6) : '=';
        *out++ = i + 2 < len ? digit(group) : '=';
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    uint8_t *out = malloc(base64_room(len));
    char *again = malloc(len + 4);
    size_t out_len = 0;
    FUZZ_EXPECT(out != NULL && again != NULL);
    if (base64_decode(out, &out_len, (const char *)bytes, len, &err)) {
        FUZZ_EXPECT((out_len + 2) / 3 * 4 == len);
        encode(again, out, out_len);
        FUZZ_EXPECT(memcmp(again, bytes, len) == 0);
    } else {
        FUZZ_EXPECT(err.code == ERROR_NOT_BASE64 && err.text[0] != '\0');
    }
    free(again);
    free(out);
    return 0;
}

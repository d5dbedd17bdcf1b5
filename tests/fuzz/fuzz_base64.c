/* base64_decode: what it accepts encodes back to exactly what came in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    uint8_t *out = malloc(base64_room(size));
    char *again = malloc(size + 4);
    size_t len;
    if (out == NULL || again == NULL)
        abort();
    if (base64_decode(out, &len, (const char *)data, size, &err)) {
        if ((len + 2) / 3 * 4 != size)
            abort();
        encode(again, out, len);
        if (memcmp(again, data, size) != 0)
            abort();
    } else if (err.code != ERROR_NOT_BASE64) {
        abort();
    }
    free(again);
    free(out);
    return 0;
}

/*
 * base64_decode: what it takes encodes back to exactly what came in.
 */
#include "model/base64.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    uint8_t *out = malloc(base64_room(len));
    char *again = malloc(len + 4);
    size_t out_len = 0;
    FUZZ_EXPECT(out != NULL && again != NULL);
    if (base64_decode(out, &out_len, (const char *)bytes, len, &err)) {
        FUZZ_EXPECT(base64_text_len(out_len) == len);
        base64_encode(again, out, out_len);
        FUZZ_EXPECT(memcmp(again, bytes, len) == 0);
    } else {
        FUZZ_EXPECT(err.code == ERROR_NOT_BASE64 && err.text[0] != '\0');
    }
    free(again);
    free(out);
    return 0;
}

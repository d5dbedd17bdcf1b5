/*
 * What a server says to `digit --server`: its answer, or why there is none.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "train/client/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    float probabilities[DIGIT_CLASSES];
    const char *body = (const char *)bytes;
    if (client_answer_read(probabilities, body, len, "peer", &err)) {
        for (size_t i = 0; i < DIGIT_CLASSES; i++)
            FUZZ_EXPECT(probabilities[i] >= 0.0f && probabilities[i] <= 1.0f);
    } else {
        FUZZ_EXPECT(err.code == ERROR_STORE && err.text[0] != '\0');
    }
    err = (struct error){0};
    FUZZ_EXPECT(!client_answer_refusal(body, len, 400, "peer", &err));
    FUZZ_EXPECT(err.code == ERROR_STORE && strchr(err.text, '\n') == NULL);
    return 0;
}

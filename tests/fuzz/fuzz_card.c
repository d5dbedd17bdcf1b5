/*
 * Model cards. What is read must be written and read again unchanged.
 */
#include <string.h>

#include "model/card.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct card card, back;
    if (!card_parse(&card, (const char *)bytes, len, &err)) {
        FUZZ_EXPECT(err.code == ERROR_BAD_MODEL && err.text[0] != '\0');
        return 0;
    }
    char *json;
    FUZZ_EXPECT(card_format(&json, &card, &err));
    FUZZ_EXPECT(card_parse(&back, json, strlen(json), &err));
    FUZZ_EXPECT(strcmp(back.name, card.name) == 0 && strcmp(back.sha256, card.sha256) == 0);
    FUZZ_EXPECT(back.network.count == card.network.count);
    for (size_t i = 0; i < card.network.count; i++) {
        const struct layer *a = &card.network.layers[i], *b = &back.network.layers[i];
        FUZZ_EXPECT(a->kind == b->kind && strcmp(a->name, b->name) == 0 && a->out == b->out &&
                    a->kernel == b->kernel && a->padding == b->padding);
        FUZZ_EXPECT(memcmp(&a->output, &b->output, sizeof a->output) == 0);
    }
    free(json);
    return 0;
}

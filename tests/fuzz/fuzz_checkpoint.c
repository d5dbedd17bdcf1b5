/*
 * Whole .pth files. What is read must be written and read again unchanged.
 */
#include <string.h>

#include "model/checkpoint.h"
#include "tests/fuzz/fuzz.h"

static void expect_round_trip(const struct checkpoint *c)
{
    struct error err = {0};
    struct checkpoint *back;
    uint8_t *bytes;
    size_t len;
    FUZZ_EXPECT(checkpoint_format(&bytes, &len, c, &err));
    FUZZ_EXPECT(checkpoint_parse(&back, bytes, len, &err));
    FUZZ_EXPECT(checkpoint_count(back) == checkpoint_count(c));
    for (size_t i = 0; i < checkpoint_count(c); i++) {
        const struct tensor *a = checkpoint_at(c, i), *b = checkpoint_at(back, i);
        FUZZ_EXPECT(strcmp(a->name, b->name) == 0 && a->rank == b->rank && a->count == b->count);
        FUZZ_EXPECT(memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0);
        FUZZ_EXPECT(memcmp(a->data, b->data, a->count * sizeof *a->data) == 0);
    }
    checkpoint_close(back);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct checkpoint *c;
    if (checkpoint_parse(&c, bytes, len, &err)) {
        expect_round_trip(c);
        checkpoint_close(c);
    } else {
        FUZZ_EXPECT(err.code == ERROR_BAD_MODEL && err.text[0] != '\0');
    }
    return 0;
}

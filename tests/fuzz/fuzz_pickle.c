/*
 * A checkpoint's data.pkl by itself: in a whole file its CRC would hide it from a fuzzer. The
 * windows that come out are gathered from records of exactly the declared size.
 */
#include "model/checkpoint/state_dict.h"
#include "tests/fuzz/fuzz.h"

enum { RECORD_LEN_MAX = 1 << 16 };

static const size_t element_sizes[STORED_ELEMENTS] = {
    [STORED_FLOAT32] = 4,
    [STORED_FLOAT16] = 2,
    [STORED_BFLOAT16] = 2,
    [STORED_FLOAT64] = 8,
};

static void gather(const struct stored *s)
{
    struct error err = {0};
    if (s->record_count > RECORD_LEN_MAX / 8 || s->count > RECORD_LEN_MAX)
        return;
    size_t len = s->record_count * element_sizes[s->element];
    uint8_t *record = calloc(1, len);
    float *out = malloc(s->count * sizeof *out);
    FUZZ_EXPECT(record != NULL && out != NULL);
    FUZZ_EXPECT(stored_gather(out, s, record, len, &err));
    free(record);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct state_dict dict;
    if (state_dict_parse(&dict, bytes, len, &err)) {
        for (size_t i = 0; i < dict.count; i++)
            gather(&dict.tensors[i]);
        state_dict_free(&dict);
    } else {
        FUZZ_EXPECT(err.code == ERROR_BAD_MODEL && err.text[0] != '\0');
    }
    return 0;
}

/*
 * IDX files: any bytes may come; what is taken is all there, and labels are digits.
 */
#include "tests/fuzz/fuzz.h"
#include "train/dataset/mnist.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    const uint8_t *items;
    size_t count;
    if (idx_images(&items, &count, bytes, len, &err))
        FUZZ_EXPECT(items + count * DIGIT_PIXELS == bytes + len);
    else
        FUZZ_EXPECT(err.code == ERROR_BAD_DATA && err.text[0] != '\0');
    err = (struct error){0};
    if (!idx_labels(&items, &count, bytes, len, &err)) {
        FUZZ_EXPECT(err.code == ERROR_BAD_DATA && err.text[0] != '\0');
        return 0;
    }
    FUZZ_EXPECT(items + count == bytes + len);
    for (size_t i = 0; i < count; i++)
        FUZZ_EXPECT(items[i] < DIGIT_CLASSES);
    return 0;
}

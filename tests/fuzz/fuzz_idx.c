/*
 * IDX files from anywhere: both parsers take any bytes, and read only what is there.
 */
#include <assert.h>

#include "train/mnist.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    const uint8_t *items;
    size_t count;
    if (idx_images(&items, &count, bytes, len, &err))
        assert(items + count * DIGIT_PIXELS == bytes + len);
    err = (struct error){0};
    if (idx_labels(&items, &count, bytes, len, &err)) {
        assert(items + count == bytes + len);
        for (size_t i = 0; i < count; i++)
            assert(items[i] < DIGIT_CLASSES);
    }
    return 0;
}

/*
 * Logs of training: every row that is given has an epoch, and no number is infinite.
 */
#include <math.h>

#include "tests/fuzz/fuzz.h"
#include "train/lab/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct metrics m;
    if (!metrics_parse(&m, (const char *)bytes, len, &err)) {
        FUZZ_EXPECT(err.code == ERROR_BAD_DATA && err.text[0] != '\0' && m.rows == NULL);
        return 0;
    }
    FUZZ_EXPECT(m.count > 0);
    for (size_t i = 0; i < m.count; i++) {
        FUZZ_EXPECT(isfinite(m.rows[i].epoch));
        FUZZ_EXPECT(!isinf(m.rows[i].loss) && !isinf(m.rows[i].seconds));
    }
    metrics_free(&m);
    return 0;
}

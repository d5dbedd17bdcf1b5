/* Every prefix of a file, and every change of one of its bytes: each is refused, or harmless, since
 * what is read is what the whole file holds. */
#include "model/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 4096, CHANGES = 255 };

static size_t read_file(uint8_t *out, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "tests/fuzz/corpus/checkpoint/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(out, 1, FILE_MAX, file);
    assert_true(len > 0 && len < FILE_MAX);
    fclose(file);
    return len;
}

static bool is_same(const struct checkpoint *a, const struct checkpoint *b)
{
    if (checkpoint_count(a) != checkpoint_count(b))
        return false;
    for (size_t i = 0; i < checkpoint_count(a); i++) {
        const struct tensor *t = checkpoint_at(a, i), *u = checkpoint_at(b, i);
        if (strcmp(t->name, u->name) != 0 || t->rank != u->rank || t->count != u->count ||
            memcmp(t->shape, u->shape, t->rank * sizeof *t->shape) != 0 ||
            memcmp(t->data, u->data, t->count * sizeof *t->data) != 0)
            return false;
    }
    return true;
}

/* Whether it is refused. */
static bool check(const uint8_t *bytes, size_t len, const struct checkpoint *whole)
{
    struct error err = {0};
    struct checkpoint *c;
    uint8_t *exact = malloc(len + 1); /* so that a sanitizer sees a read beyond the end */
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    const bool taken = checkpoint_parse(&c, exact, len, &err);
    free(exact);
    if (!taken) {
        assert_int_equal(err.code, ERROR_BAD_MODEL);
        return true;
    }
    assert_true(is_same(c, whole));
    checkpoint_close(c);
    return false;
}

static void test_changes(void **state)
{
    (void)state;
    uint8_t bytes[FILE_MAX];
    size_t refused = 0, harmless = 0;
    struct error err = {0};
    struct checkpoint *whole;
    const size_t len = read_file(bytes, "ours.pth");
    assert_true(checkpoint_parse(&whole, bytes, len, &err));
    for (size_t keep = 0; keep < len; keep++)
        refused += check(bytes, keep, whole);
    for (size_t at = 0; at < len; at++)
        for (unsigned change = 1; change <= CHANGES; change++) {
            bytes[at] ^= (uint8_t)change;
            const bool is_refused = check(bytes, len, whole);
            refused += is_refused;
            harmless += !is_refused;
            bytes[at] ^= (uint8_t)change;
        }
    checkpoint_close(whole);
    print_message("%zu are refused, %zu are harmless\n", refused, harmless);
    assert_true(refused > harmless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

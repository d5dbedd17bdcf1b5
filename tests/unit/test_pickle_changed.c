/* Every prefix of a state dict's pickle; and one byte of it left out, put in or changed, in each
 * way there is: it is read, or refused with a line. In a file the zip archive's checksum stands
 * before these; whoever makes a file makes the checksum too. */
#include "model/checkpoint/state_dict.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/file.h"

enum { PICKLE_MAX = 1024, BYTES = 256 };

static const char folder[] = "tests/fuzz/corpus/pickle";

/* Whether it is read. `bytes` are in a block of just that length, so that a sanitizer sees a read
 * beyond the end. */
static bool check(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct state_dict dict;
    uint8_t *exact = malloc(len + (len == 0));
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    const bool is_read = state_dict_parse(&dict, exact, len, &err);
    free(exact);
    if (is_read) {
        assert_true(dict.count > 0);
        state_dict_free(&dict);
    } else {
        assert_int_equal(err.code, ERROR_BAD_MODEL);
        assert_true(err.text[0] != '\0');
    }
    return is_read;
}

/* How many of the changed pickles are read. */
static size_t change(const uint8_t *bytes, size_t len)
{
    uint8_t changed[PICKLE_MAX + 1];
    size_t read = 0;
    for (size_t at = 0; at < len; at++) {
        const size_t behind = len - at - 1;
        assert_false(check(bytes, at));
        memcpy(changed, bytes, at);
        memcpy(changed + at, bytes + at + 1, behind);
        read += check(changed, len - 1);
        for (unsigned value = 0; value < BYTES; value++) {
            changed[at] = (uint8_t)value;
            memcpy(changed + at + 1, bytes + at + 1, behind);
            read += check(changed, len);
            memcpy(changed + at + 1, bytes + at, behind + 1);
            read += check(changed, len + 1);
        }
    }
    return read;
}

static void test_changes(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t files = 0, read = 0;
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        char path[512];
        uint8_t *bytes;
        size_t len;
        struct error err = {0};
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        assert_true(file_read(&bytes, &len, path, PICKLE_MAX, &err));
        read += change(bytes, len);
        free(bytes);
        files++;
    }
    closedir(dir);
    assert_true(files > 0 && read > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Files that are no archive of torch.save's, or a damaged one: each is refused by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/pickled.h"

/* A good archive of a, b and data/0, and where an entry's two headers are in it. */
static uint8_t *good_archive(size_t *len)
{
    static const char pickle[] = DICT(NAME_A A);
    const struct archive_entry entries[] = {
        {"data.pkl", (const uint8_t *)pickle, sizeof pickle - 1},
        {"data/0", (const uint8_t *)six, sizeof six},
        {"data/1", (const uint8_t *)six, sizeof six},
        {"byteorder", (const uint8_t *)"little", 6},
    };
    struct error err = {0};
    uint8_t *bytes;
    assert_true(archive_format(&bytes, len, entries, 4, &err));
    return bytes;
}

/* Writes `with` over each `what`; both of the same length. How often. */
static size_t replace(uint8_t *bytes, size_t len, const void *what, const void *with, size_t size)
{
    size_t count = 0;
    for (uint8_t *at = bytes; (at = memmem(at, len - (size_t)(at - bytes), what, size)) != NULL;
         at += size, count++)
        memcpy(at, with, size);
    return count;
}

/* In the one or the other words. */
static void expect_archive_refused_as(uint8_t *bytes, size_t len, const char *words,
                                      const char *other_words)
{
    struct error err = {0};
    struct checkpoint *c;
    assert_false(checkpoint_parse(&c, bytes, len, &err));
    assert_words(&err, strstr(err.text, other_words) != NULL ? other_words : words);
    free(bytes);
}

static void expect_archive_refused(uint8_t *bytes, size_t len, const char *words)
{
    expect_archive_refused_as(bytes, len, words, words);
}

static void foreign_archives_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what, *with; /* in both headers of an entry */
        const char *words;
    } cases[] = {
        {"archive/data/1", "archive/data/0", "one name"},
        {"archive/data.pkl", "archive/data.xyz", "no data.pkl"},
        {"archive/data/0", "archive/data/7", "no record data/0"},
    };
    size_t len;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *bytes = good_archive(&len);
        assert_int_equal(replace(bytes, len, cases[i].what, cases[i].with, strlen(cases[i].what)),
                         2);
        expect_archive_refused(bytes, len, cases[i].words);
    }
    uint8_t *bytes = good_archive(&len);
    assert_int_equal(replace(bytes, len, "archive/data/1", "archive/data//", 14), 2);
    struct error err = {0};
    struct checkpoint *c;
    assert_true(checkpoint_parse(&c, bytes, len, &err)); /* an unknown record is left alone */
    checkpoint_close(c);
    free(bytes);
}

/* APPNOTE 4.3.7 and 4.3.12: the flags are at 6 and 8 of the two headers, the method follows. */
static void set_flags_and_method(uint8_t *bytes, size_t len, const char *name, uint8_t flags,
                                 uint8_t method)
{
    uint8_t *local = (uint8_t *)memmem(bytes, len, name, strlen(name)) - 30;
    uint8_t *central = local + 30;
    central =
        (uint8_t *)memmem(central + 1, len - (size_t)(central + 1 - bytes), name, strlen(name)) -
        46;
    assert_memory_equal(local, "PK\3\4", 4);
    assert_memory_equal(central, "PK\1\2", 4);
    local[6] = central[8] = flags;
    local[8] = central[10] = method;
}

static void entries_that_torch_never_writes_are_refused(void **state)
{
    (void)state;
    size_t len;
    uint8_t *bytes = good_archive(&len);
    set_flags_and_method(bytes, len, "archive/data/0", 0, 8);
    expect_archive_refused(bytes, len, "data/0 is compressed");
    bytes = good_archive(&len);
    set_flags_and_method(bytes, len, "archive/data.pkl", 0, 12);
    expect_archive_refused(bytes, len, "data.pkl is compressed");
    bytes = good_archive(&len);
    set_flags_and_method(bytes, len, "archive/data/0", 1, 0);
    /* libzip 1.11 finds fault with its sizes before we look. */
    expect_archive_refused_as(bytes, len, "data/0 is encrypted", "entry 1: compressed and");
    bytes = good_archive(&len);
    assert_int_equal(replace(bytes, len, six, (const float[]){1, 2, 3, 4, 5, 7}, sizeof six), 2);
    expect_archive_refused(bytes, len, "data/0 is damaged (CRC error)");
    bytes = good_archive(&len);
    assert_int_equal(replace(bytes, len, "little", "piglet", 6), 1);
    expect_archive_refused(bytes, len, "byteorder is damaged");
}

static void kinds_of_archives_are_told_apart(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t *bytes;
    size_t len;
    const uint8_t *text = (const uint8_t *)"big";
    const struct archive_entry script[] = {{"data.pkl", text, 3}, {"constants.pkl", text, 3}};
    assert_true(archive_format(&bytes, &len, script, 2, &err));
    expect_archive_refused(bytes, len, "TorchScript");
    const struct archive_entry big[] = {{"data.pkl", text, 3}, {"byteorder", text, 3}};
    assert_true(archive_format(&bytes, &len, big, 2, &err));
    expect_archive_refused(bytes, len, "big-endian");
    const uint8_t *other = (const uint8_t *)"middle";
    const struct archive_entry middle[] = {{"data.pkl", text, 3}, {"byteorder", other, 6}};
    assert_true(archive_format(&bytes, &len, middle, 2, &err));
    expect_archive_refused(bytes, len, "big-endian");
    const struct archive_entry numpy[] = {{"arr_0.npy", text, 3}};
    assert_true(archive_format(&bytes, &len, numpy, 1, &err));
    expect_archive_refused(bytes, len, "not of torch.save");
}

static void archives_of_too_many_entries_are_refused(void **state)
{
    (void)state;
    enum { MANY = 1025 };
    static struct archive_entry entries[MANY];
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(entries[i].name, sizeof entries[i].name, "%u", i);
        entries[i].bytes = (const uint8_t *)"";
    }
    struct error err = {0};
    uint8_t *bytes;
    size_t len;
    assert_true(archive_format(&bytes, &len, entries, MANY, &err));
    expect_archive_refused(bytes, len, "1025 entries; a state dict has 1 to 1024");
}

/* An archive of one empty entry of that name (APPNOTE 4.3.7, 4.3.12 and 4.3.16). */
static uint8_t *archive_of(const char *name, size_t *len)
{
    const uint16_t name_len = (uint16_t)strlen(name), one = 1;
    const uint32_t central_len = 46U + name_len, central_at = 30U + name_len;
    *len = central_at + central_len + 22;
    uint8_t *bytes = calloc(1, *len), *central = bytes + central_at, *end = central + central_len;
    assert_non_null(bytes);
    memcpy(bytes, "PK\3\4", 4);
    memcpy(bytes + 26, &name_len, 2);
    memcpy(bytes + 30, name, name_len);
    memcpy(central, "PK\1\2", 4);
    memcpy(central + 28, &name_len, 2);
    memcpy(central + 46, name, name_len);
    memcpy(end, "PK\5\6", 4);
    memcpy(end + 8, &one, 2);
    memcpy(end + 10, &one, 2);
    memcpy(end + 12, &central_len, 4);
    memcpy(end + 16, &central_at, 4);
    return bytes;
}

static void foreign_folders_are_refused(void **state)
{
    (void)state;
    size_t len;
    char name[400];
    uint8_t *bytes = archive_of("data.pkl", &len);
    expect_archive_refused(bytes, len, "its data.pkl has 0 bytes");
    memset(name, 'x', sizeof name);
    memcpy(name + 300, "/data.pkl", 10);
    bytes = archive_of(name, &len);
    expect_archive_refused(bytes, len, "a name is too long");
}

static void every_cut_of_an_archive_is_refused(void **state)
{
    (void)state;
    size_t len;
    uint8_t *bytes = good_archive(&len);
    for (size_t keep = 0; keep < len; keep++) {
        struct error err = {0};
        struct checkpoint *c;
        uint8_t *part = malloc(keep + 1);
        memcpy(part, bytes, keep);
        assert_false(checkpoint_parse(&c, part, keep, &err));
        assert_int_equal(err.code, ERROR_BAD_MODEL);
        free(part);
    }
    free(bytes);
}

static void files_of_other_kinds_are_told_what_they_are(void **state)
{
    (void)state;
    uint8_t tar[300] = {'x', 0, 1};
    memcpy(tar + 257, "ustar", 5);
    static const struct refused_case cases[] = {
        CASE("", "is empty"),
        CASE("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", "before 1.6"),
        CASE("\x80\x02}q\0.", "plain Python pickle"),
        CASE("\x80\x05\x95", "plain Python pickle"),
        CASE("\x93NUMPY\1\0", "NumPy"),
        CASE("\x89HDF\r\n\x1a\n\0", "HDF5"),
        CASE("\x1f\x8b\x08", "gzip"),
        CASE("\x40\0\0\0\0\0\0\0{\"a\":{}}", "safetensors"),
        CASE("version https://git-lfs", "Git LFS"),
        CASE("\n<!DOCTYPE html>", "web page"),
        CASE("hello\n", "is text"),
        CASE("\n \t", "is text"),
        CASE("\1\2\3", "no PyTorch checkpoint"),
        CASE("PK\3\4", "cut off or damaged"),
        CASE("PK", "is text"),
    };
    struct error err = {0};
    struct checkpoint *c;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err = (struct error){0};
        assert_false(checkpoint_parse(&c, (const uint8_t *)cases[i].bytes, cases[i].len, &err));
        assert_words(&err, cases[i].words);
    }
    err = (struct error){0};
    assert_false(checkpoint_parse(&c, tar, sizeof tar, &err));
    assert_non_null(strstr(err.text, "tar archive"));
    uint8_t long_text[1000];
    memset(long_text, 'a', sizeof long_text);
    err = (struct error){0};
    assert_false(checkpoint_parse(&c, long_text, sizeof long_text, &err));
    assert_words(&err, "is text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_archives_are_refused),
        cmocka_unit_test(entries_that_torch_never_writes_are_refused),
        cmocka_unit_test(kinds_of_archives_are_told_apart),
        cmocka_unit_test(archives_of_too_many_entries_are_refused),
        cmocka_unit_test(foreign_folders_are_refused),
        cmocka_unit_test(every_cut_of_an_archive_is_refused),
        cmocka_unit_test(files_of_other_kinds_are_told_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

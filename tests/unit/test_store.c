/*
 * Stores on this machine's disk: what is published is fetched, and a failure leaves what was there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/store.h"
#include "model/store/temporary.h"
#include "tests/unit/small_model.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/digit-store-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    small_remove(folder);
    return 0;
}

static const char *in_folder(const char *name)
{
    static char paths[4][SMALL_PATH_SIZE];
    static size_t next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, SMALL_PATH_SIZE, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    struct error err = {0};
    assert_true(file_write(in_folder(name), text, strlen(text), &err));
}

static void assert_holds(const char *name, const char *text)
{
    struct error err = {0};
    uint8_t *bytes;
    size_t len;
    assert_true(file_read(&bytes, &len, in_folder(name), 1 << 24, &err));
    assert_string_equal((char *)bytes, text);
    free(bytes);
}

static void urls_are_known_by_their_scheme(void **state)
{
    (void)state;
    assert_true(store_is_url("webhdfs://a/b"));
    assert_true(store_is_url("file:///x"));
    assert_true(store_is_url("abacus://x"));
    assert_false(store_is_url("/a/b://c"));
    assert_false(store_is_url("://x"));
    assert_false(store_is_url("webhdfs:/x"));
    assert_false(store_is_url(""));
}

static void an_unknown_scheme_is_an_argument_that_is_bad(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_entry entry;
    assert_false(store_look(&entry, "ftp://x/y", NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    assert_non_null(strstr(err.text, "'ftp' is no store"));
    err = (struct error){0};
    assert_false(store_look(&entry, "file://elsewhere/x", NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    err = (struct error){0};
    assert_false(store_publish("x", "/tmp/", NULL, &err));
    assert_non_null(strstr(err.text, "must end in the name of a file"));
    err = (struct error){0};
    assert_false(store_publish("x", "", NULL, &err));
    assert_non_null(strstr(err.text, "must end in the name of a file"));
    err = (struct error){0};
    assert_false(store_look(&entry, "file://", NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
}

/* A folder's own is the last part that is not empty; the root has none. */
static void names_are_those_of_the_last_part(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_entry entry;
    char path[SMALL_PATH_SIZE + 2];
    (void)snprintf(path, sizeof path, "%s//", folder);
    assert_true(store_look(&entry, path, NULL, &err));
    assert_string_equal(entry.name, strrchr(folder, '/') + 1);
    assert_true(store_look(&entry, "/", NULL, &err));
    assert_true(entry.is_folder);
    assert_int_equal(chdir(folder), 0);
    put("bare", "text");
    assert_true(store_look(&entry, "bare", NULL, &err));
    assert_string_equal(entry.name, "bare");
    assert_int_equal(chdir("/"), 0);
}

static void what_is_published_is_seen_and_fetched(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_entry entry;
    char url[SMALL_PATH_SIZE];
    put("from", "some text");
    (void)snprintf(url, sizeof url, "file://localhost%s", in_folder("new/folders/to"));
    assert_true(store_publish(in_folder("from"), url, NULL, &err));
    assert_true(store_look(&entry, url, NULL, &err));
    assert_string_equal(entry.name, "to");
    assert_int_equal(entry.len, 9);
    assert_false(entry.is_folder);
    assert_true(entry.modified_ms > INT64_C(1700000000000));
    assert_true(store_fetch(url, in_folder("back"), NULL, &err));
    assert_holds("back", "some text");

    put("from", "another");
    assert_true(store_publish(in_folder("from"), url, NULL, &err));
    assert_holds("new/folders/to", "another");
    assert_int_equal(small_count(in_folder("new/folders")), 1);
}

static void folders_are_listed_by_name(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_entry *entries;
    size_t count;
    put("b", "22");
    put("a", "1");
    assert_int_equal(mkdir(in_folder("B"), 0700), 0);
    assert_true(store_list(&entries, &count, folder, NULL, &err));
    assert_int_equal(count, 3);
    assert_string_equal(entries[0].name, "B");
    assert_true(entries[0].is_folder);
    assert_string_equal(entries[1].name, "a");
    assert_string_equal(entries[2].name, "b");
    assert_int_equal(entries[2].len, 2);
    free(entries);
    assert_true(store_list(&entries, &count, in_folder("B"), NULL, &err));
    assert_int_equal(count, 0);
    free(entries);
    assert_false(store_list(&entries, &count, in_folder("c"), NULL, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_entry entry;
    assert_false(store_look(&entry, in_folder("no"), NULL, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    err = (struct error){0};
    put("old", "old");
    assert_false(store_fetch(in_folder("no"), in_folder("old"), NULL, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_holds("old", "old");
    err = (struct error){0};
    assert_false(store_remove(in_folder("no"), NULL, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_int_equal(small_count(folder), 1);
}

static void a_failure_leaves_what_was_there(void **state)
{
    (void)state;
    struct error err = {0};
    put("from", "text");
    /* A file cannot take a folder's place: all goes well until the rename. */
    assert_int_equal(mkdir(in_folder("to"), 0700), 0);
    assert_false(store_publish(in_folder("from"), in_folder("to"), NULL, &err));
    assert_int_equal(err.code, ERROR_FILE);
    assert_int_equal(small_count(folder), 2);
    err = (struct error){0};
    assert_false(store_publish(in_folder("from"), in_folder("from/below"), NULL, &err));
    assert_int_equal(err.code, ERROR_FILE);
    assert_int_equal(small_count(folder), 2);
}

static void only_the_bytes_that_are_meant_are_staged(void **state)
{
    (void)state;
    struct error err = {0};
    struct store_staged staged;
    char sha256[FILE_SHA256_SIZE];
    put("from", "text");
    file_sha256(sha256, "tex!", 4);
    assert_false(store_stage(&staged, in_folder("from"), sha256, in_folder("to"), NULL, &err));
    assert_non_null(strstr(err.text, "has changed meanwhile"));
    assert_int_equal(small_count(folder), 1);
    err = (struct error){0};
    file_sha256(sha256, "text", 4);
    assert_true(store_stage(&staged, in_folder("from"), sha256, in_folder("to"), NULL, &err));
    assert_int_equal(small_count(folder), 2);
    assert_int_not_equal(access(in_folder("to"), F_OK), 0);
    assert_true(store_commit(&staged, in_folder("to"), NULL, &err));
    assert_holds("to", "text");
    assert_int_equal(small_count(folder), 2);
}

static bool stop(void *context)
{
    (void)context;
    return false;
}

static void stopping_leaves_nothing(void **state)
{
    (void)state;
    struct error err = {0};
    const struct store_options options = {.go_on = stop};
    put("from", "text");
    assert_false(store_publish(in_folder("from"), in_folder("to"), &options, &err));
    assert_int_equal(err.code, ERROR_STORE_DOWN);
    assert_int_equal(small_count(folder), 1);
}

struct seen {
    uint64_t done;
    uint64_t total;
};

static void see(void *context, uint64_t done, uint64_t total)
{
    struct seen *seen = context;
    assert_true(done >= seen->done);
    *seen = (struct seen){done, total};
}

static void progress_goes_to_the_end(void **state)
{
    (void)state;
    struct error err = {0};
    struct seen seen = {0, 0};
    const struct store_options options = {.progress = see, .context = &seen};
    char *text = calloc(1, 300001);
    memset(text, 'x', 300000);
    put("from", text);
    free(text);
    assert_true(store_publish(in_folder("from"), in_folder("to"), &options, &err));
    assert_int_equal(seen.done, 300000);
    assert_int_equal(seen.total, 300000);
}

static void temporary_names_are_told_from_others(void **state)
{
    (void)state;
    struct error err = {0};
    char name[256];
    assert_true(temporary_name(name, sizeof name, "webhdfs://h/a/b.pth", 0x1234, &err));
    assert_string_equal(name, "webhdfs://h/a/.b.pth.0000000000001234.tmp");
    assert_true(temporary_is_of(".b.pth.0000000000001234.tmp", "/a/b.pth"));
    assert_false(temporary_is_of(".b.pth.0000000000001234.tmp", "/a/c.pth"));
    assert_false(temporary_is_of(".b.pth.000000000000123g.tmp", "/a/b.pth"));
    assert_false(temporary_is_of(".b.pth.00000000000012345.tmp", "/a/b.pth"));
    assert_false(temporary_is_of("b.pth", "/a/b.pth"));
    assert_false(temporary_is_of(".b.pth.0000000000001234.tmq", "b.pth"));
    assert_false(temporary_is_of("xb.pth.0000000000001234.tmp", "/a/b.pth"));
    assert_false(temporary_is_of(".b.pth_0000000000001234.tmp", "/a/b.pth"));
    assert_false(temporary_name(name, 20, "/a/b.pth", 1, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    /* The system takes names of 255 bytes. */
    char path[255] = "/a/", beside[512];
    memset(path + 3, 'b', sizeof path - 4);
    err = (struct error){0};
    assert_false(temporary_name(beside, sizeof beside, path, 1, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
}

/* What a killed process left is removed by the next publish to that name, once it is a day old. */
static void old_temporaries_go(void **state)
{
    (void)state;
    struct error err = {0};
    const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    static const char *const names[] = {".to.0123456789abcdef.tmp", ".to.00000000000000ff.tmp",
                                        ".other.0123456789abcdef.tmp"};
    put("from", "text");
    for (size_t i = 0; i < 3; i++) {
        put(names[i], "left");
        if (i != 1)
            assert_int_equal(utimensat(-1, in_folder(names[i]), long_ago, 0), 0);
    }
    assert_true(store_publish(in_folder("from"), in_folder("to"), NULL, &err));
    assert_int_not_equal(access(in_folder(names[0]), F_OK), 0);
    assert_int_equal(access(in_folder(names[1]), F_OK), 0);
    assert_int_equal(access(in_folder(names[2]), F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(urls_are_known_by_their_scheme),
        TEST(an_unknown_scheme_is_an_argument_that_is_bad),
        TEST(names_are_those_of_the_last_part),
        TEST(what_is_published_is_seen_and_fetched),
        TEST(folders_are_listed_by_name),
        TEST(what_is_not_there_is_not_found),
        TEST(a_failure_leaves_what_was_there),
        TEST(only_the_bytes_that_are_meant_are_staged),
        TEST(stopping_leaves_nothing),
        TEST(progress_goes_to_the_end),
        TEST(temporary_names_are_told_from_others),
        TEST(old_temporaries_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

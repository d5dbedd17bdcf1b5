/* server/models/source.c: what --model may name, and when its files count as changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/models/source.h"

static char folder[] = "/tmp/digit-source-XXXXXX";

static const char *file(const char *name)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    struct error err = {0};
    assert_true(file_write(file(name), text, strlen(text), &err));
}

static struct source_stamp stamp_of(const char *name)
{
    struct source_stamp stamp;
    source_stamp(&stamp, file(name));
    return stamp;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(file("m.pth"));
    (void)unlink(file("m.json"));
    (void)unlink(file("bare"));
    (void)unlink(file("bare.json"));
    return rmdir(folder);
}

/* Writes one of the two files, and says whether that gives the model another stamp. */
static bool moves(const char *model, const char *name, const char *text)
{
    struct source_stamp before = stamp_of(model);
    write_file(name, text);
    struct source_stamp after = stamp_of(model), again = stamp_of(model);
    assert_true(source_stamps_equal(&after, &again));
    return !source_stamps_equal(&before, &after);
}

static void stamps_follow_both_files(void **state)
{
    (void)state;
    assert_true(moves("m.pth", "m.pth", "one"));
    assert_true(moves("m.pth", "m.json", "{}"));
    assert_true(moves("m.pth", "m.pth", "two"));
    assert_true(moves("m.pth", "m.json", "[]"));
    assert_false(moves("m.pth", "bare", "one"));
    assert_true(moves("bare", "bare", "two"));
    assert_true(moves("bare", "bare.json", "{}"));
    struct source_stamp before = stamp_of("m.pth");
    assert_int_equal(unlink(file("m.json")), 0);
    struct source_stamp after = stamp_of("m.pth");
    assert_false(source_stamps_equal(&before, &after));
    assert_int_equal(after.card.len, 0);
    assert_int_equal(after.weights.len, 3);
}

static void files_settle_in_a_second(void **state)
{
    (void)state;
    write_file("m.pth", "one");
    write_file("m.json", "{}");
    struct source_stamp fresh = stamp_of("m.pth");
    assert_false(source_is_settled(&fresh));
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 100000000}, NULL);
    assert_true(source_is_settled(&fresh));
    write_file("m.json", "[]");
    struct source_stamp half = stamp_of("m.pth");
    assert_false(source_is_settled(&half));
    half.card.changed_ns += INT64_C(3600000000000);
    assert_true(source_is_settled(&half));
    struct source_stamp none = stamp_of("nothing.pth");
    assert_true(source_is_settled(&none));
}

static void a_cache_is_found(void **state)
{
    static const struct {
        const char *cache, *xdg, *home, *wanted;
    } rows[] = {
        {"/c", "/x", "/h", "/c"},
        {NULL, "/x", "/h", "/x/digitd"},
        {NULL, "relative", "/h", "/h/.cache/digitd"},
        {NULL, "", "/h", "/h/.cache/digitd"},
        {NULL, NULL, "/h", "/h/.cache/digitd"},
        {NULL, NULL, NULL, "/var/cache/digitd"},
        {NULL, NULL, "relative", "/var/cache/digitd"},
    };
    const struct store_options store = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct source s;
        struct error err = {0};
        (void)(rows[i].xdg ? setenv("XDG_CACHE_HOME", rows[i].xdg, 1) : unsetenv("XDG_CACHE_HOME"));
        (void)(rows[i].home ? setenv("HOME", rows[i].home, 1) : unsetenv("HOME"));
        assert_true(source_open(&s, "file:///nowhere/m.pth", rows[i].cache, &store, &err));
        assert_true(s.is_url);
        assert_string_equal(s.cache, rows[i].wanted);
    }
}

static void bad_urls_are_told_at_once(void **state)
{
    static const char *const urls[] = {"http://host/m.pth", "file:///folder/", "file:///m",
                                       "nonsense://host/m.pth"};
    const struct store_options store = {0};
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct source s;
        struct error err = {0};
        assert_false(source_open(&s, urls[i], "/nowhere", &store, &err));
        assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    }
}

static void a_path_is_itself(void **state)
{
    const struct store_options store = {0};
    struct source s;
    struct error err = {0};
    char path[PUBLISH_PATH_SIZE];
    (void)state;
    assert_true(source_open(&s, "some/m.pth", NULL, &store, &err));
    assert_false(s.is_url);
    assert_true(source_find(&s, path, &err));
    assert_string_equal(path, "some/m.pth");
    assert_false(source_copy(&s, path, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void what_is_too_long_is_refused(void **state)
{
    const struct store_options store = {0};
    struct source s;
    char long_path[PUBLISH_PATH_SIZE + 1], path[PUBLISH_PATH_SIZE];
    struct error err = {0};
    (void)state;
    memset(long_path, 'a', PUBLISH_PATH_SIZE);
    long_path[PUBLISH_PATH_SIZE] = '\0';
    assert_false(source_open(&s, "file:///nowhere/m.pth", long_path, &store, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    err = (struct error){0};
    assert_true(source_open(&s, long_path, NULL, &store, &err));
    assert_false(source_find(&s, path, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_follow_both_files), cmocka_unit_test(files_settle_in_a_second),
        cmocka_unit_test(a_cache_is_found),         cmocka_unit_test(bad_urls_are_told_at_once),
        cmocka_unit_test(a_path_is_itself),         cmocka_unit_test(what_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

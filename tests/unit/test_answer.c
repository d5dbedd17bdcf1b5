/*
 * WebHDFS's answers: the real ones are understood, and whatever else may come is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/store/answer.h"

#define EXCEPTION(name, message)                                                      \
    "{\"RemoteException\":{\"exception\":\"" name "\",\"javaClassName\":\"java." name \
    "\",\"message\":\"" message "\"}}"

static const struct {
    const char *body;
    long status;
    enum error_code code;
    const char *text;
} refusals[] = {
    {EXCEPTION("FileNotFoundException", "File does not exist: /x"), 404, ERROR_NOT_FOUND,
     "there is no '/x'"},
    {EXCEPTION("StandbyException", "Operation category READ is not supported in state standby"),
     403, ERROR_STORE_DOWN, "the NameNode n:1: StandbyException: Operation category READ"},
    {EXCEPTION("SafeModeException", "Cannot create /x. Name node is in safe mode.\\nThe reported"),
     403, ERROR_STORE_DOWN, "SafeModeException: Cannot create /x. Name node is in safe mode."},
    {EXCEPTION("RetriableException", "starting"), 403, ERROR_STORE_DOWN, "starting"},
    {EXCEPTION("IOException", "Failed to find datanode"), 403, ERROR_STORE_DOWN, "Failed to find"},
    {EXCEPTION("IOException", "Source /a and destination /b must both be directories"), 403,
     ERROR_STORE, "IOException: Source /a"},
    {EXCEPTION("AccessControlException", "Permission denied: user=u\\n\\tat org.apache"), 403,
     ERROR_STORE, "Permission denied: user=u; ask as another user, or for the permission"},
    {EXCEPTION("DSQuotaExceededException", "The DiskSpace quota"), 403, ERROR_STORE,
     "ask for a larger quota"},
    {EXCEPTION("InvalidPathException", "Invalid path name"), 400, ERROR_BAD_ARGUMENT,
     "Invalid path"},
    {EXCEPTION("AbacusException", ""), 500, ERROR_STORE, "AbacusException"},
    {"{\"RemoteException\":{\"exception\":\"X\"}}", 403, ERROR_STORE, "X"},
    {"{\"RemoteException\":{\"exception\":7}}", 403, ERROR_STORE, "answers HTTP 403"},
    {"<html>", 401, ERROR_STORE, "wants to know who asks"},
    {"<html>", 404, ERROR_STORE, "is it WebHDFS?"},
    {"", 503, ERROR_STORE_DOWN, "answers HTTP 503"},
    {"{}", 200, ERROR_STORE, "answers HTTP 200"},
};

static void refusals_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct error err = {0};
        assert_false(answer_refusal(refusals[i].body, strlen(refusals[i].body), refusals[i].status,
                                    "/x", "the NameNode n:1", &err));
        if (err.code != refusals[i].code || strstr(err.text, refusals[i].text) == NULL)
            fail_msg("%s: %s: %s", refusals[i].body, error_name(err.code), err.text);
    }
}

static void long_messages_are_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        const char *character;
        size_t left; /* bytes */
    } cases[] = {{"\xc3\xbc", 118}, {"\xe2\x82\xac", 117}, {"\xf0\x9f\x98\x80", 116}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[512] = "{\"RemoteException\":{\"exception\":\"X\",\"message\":\"a";
        for (int k = 0; k < 100; k++)
            strcat(body, cases[i].character);
        strcat(body, "\"}}");
        struct error err = {0};
        assert_false(answer_refusal(body, strlen(body), 403, "/x", "n", &err));
        assert_int_equal(strlen(err.text), strlen("n: X: a") + cases[i].left);
    }
}

#define STATUS                                                                                     \
    "{\"accessTime\":0,\"blockSize\":134217728,\"fileId\":16388,\"length\":%s,"                    \
    "\"modificationTime\":1795388432398,\"pathSuffix\":\"%s\",\"permission\":\"644\",\"type\":\"%" \
    "s\"}"

static void files_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *len;
        const char *type;
        bool ok;
    } cases[] = {{"1689330", "FILE", true}, {"0", "DIRECTORY", true}, {"-1", "FILE", false},
                 {"1.5", "FILE", false},    {"\"1\"", "FILE", false}, {"null", "FILE", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char status[512], body[600];
        struct error err = {0};
        struct store_entry entry;
        uint64_t id;
        (void)snprintf(status, sizeof status, STATUS, cases[i].len, "", cases[i].type);
        (void)snprintf(body, sizeof body, "{\"FileStatus\":%s}", status);
        assert_int_equal(answer_status(&entry, &id, body, strlen(body), &err), cases[i].ok);
        if (!cases[i].ok) {
            assert_int_equal(err.code, ERROR_STORE);
            continue;
        }
        assert_int_equal(entry.len, strtoull(cases[i].len, NULL, 10));
        assert_int_equal(entry.is_folder, strcmp(cases[i].type, "FILE") != 0);
        assert_int_equal(entry.modified_ms, INT64_C(1795388432398));
        assert_int_equal(id, 16388);
    }
}

static bool list_one(struct answer_list *list, uint64_t *left, const char *name,
                     const char *remaining, struct error *err)
{
    char status[1024], body[1200];
    (void)snprintf(status, sizeof status, STATUS, "5", name, "FILE");
    (void)snprintf(body, sizeof body,
                   "{\"DirectoryListing\":{\"partialListing\":{\"FileStatuses\":{\"FileStatus\":"
                   "[%s]}},\"remainingEntries\":%s}}",
                   status, remaining);
    return answer_listing(list, left, body, strlen(body), err);
}

static void pages_of_a_list_are_added(void **state)
{
    (void)state;
    struct error err = {0};
    struct answer_list list = {0};
    uint64_t left;
    assert_true(list_one(&list, &left, "a b", "7", &err));
    assert_int_equal(left, 7);
    assert_true(list_one(&list, &left, "c", "0", &err));
    assert_int_equal(left, 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.entries[0].name, "a b");
    assert_string_equal(list.entries[1].name, "c");
    assert_int_equal(list.entries[1].len, 5);
    free(list.entries);
}

static void names_that_no_file_has_are_refused(void **state)
{
    (void)state;
    char long_name[300];
    memset(long_name, 'x', 256);
    long_name[256] = '\0';
    const char *const names[] = {"",          ".",     "..",      "a/b",    "../../etc/passwd",
                                 "a\\u0000b", "a\\nb", "\\u007f", long_name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct error err = {0};
        struct answer_list list = {0};
        uint64_t left;
        if (list_one(&list, &left, names[i], "0", &err))
            fail_msg("'%s' is taken", names[i]);
        assert_int_equal(err.code, ERROR_STORE);
        free(list.entries);
    }
}

static void what_is_no_list_is_refused(void **state)
{
    (void)state;
    const char *const bodies[] = {
        "",
        "[]",
        "{}",
        "{\"DirectoryListing\":{}}",
        "{\"DirectoryListing\":{\"partialListing\":{\"FileStatuses\":{\"FileStatus\":{}}},"
        "\"remainingEntries\":0}}",
        "{\"DirectoryListing\":{\"partialListing\":{\"FileStatuses\":{\"FileStatus\":[]}},"
        "\"remainingEntries\":-1}}",
        "{\"DirectoryListing\":{\"partialListing\":{\"FileStatuses\":{\"FileStatus\":[1]}},"
        "\"remainingEntries\":0}}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct error err = {0};
        struct answer_list list = {0};
        uint64_t left;
        assert_false(answer_listing(&list, &left, bodies[i], strlen(bodies[i]), &err));
        assert_int_equal(err.code, ERROR_STORE);
        free(list.entries);
    }
}

static void locations_and_booleans_are_read(void **state)
{
    (void)state;
    struct error err = {0};
    char location[16];
    bool value;
    static const char there[] = "{\"Location\":\"http://a\"}", yes[] = "{\"boolean\":true}";
    assert_true(answer_location(location, sizeof location, there, sizeof there - 1, &err));
    assert_string_equal(location, "http://a");
    assert_false(answer_location(location, 8, there, sizeof there - 1, &err));
    assert_int_equal(err.code, ERROR_STORE);
    err = (struct error){0};
    assert_true(answer_boolean(&value, yes, sizeof yes - 1, &err));
    assert_true(value);
    assert_false(answer_boolean(&value, there, sizeof there - 1, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(long_messages_are_cut_between_characters),
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(pages_of_a_list_are_added),
        cmocka_unit_test(names_that_no_file_has_are_refused),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(locations_and_booleans_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The options about stores: from flags to what the library takes, and back to what a shell takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "train/store_options.h"

struct wanted {
    struct store_flags store;
};

static const struct option_row rows[] = {STORE_OPTION_ROWS(struct wanted, store)};

static const struct command command = {
    .name = "try",
    .summary = "Try",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct wanted),
};

static struct wanted parse(char **words, size_t count)
{
    struct error err = {0};
    struct wanted wanted;
    size_t operands;
    bool help;
    assert_true(options_parse(&wanted, &command, words, count, &operands, &help, &err));
    return wanted;
}

static void nothing_said_is_the_librarys_choice(void **state)
{
    (void)state;
    struct wanted wanted = parse(NULL, 0);
    struct store_options o = store_options_from(&wanted.store);
    assert_null(o.user);
    assert_null(o.token_file);
    assert_null(o.ca_file);
    assert_null(o.redirect_hosts);
    assert_false(o.negotiate);
    assert_int_equal(o.hdfs_http_port, 9870);
    assert_int_equal(o.attempts, 5);
    assert_int_equal(o.connect_ms, 5000);
    assert_int_equal(o.stall_ms, 15000);
    assert_int_equal(o.total_ms, 600000);
}

static void what_was_said_is_printed_for_a_shell(void **state)
{
    (void)state;
    char *words[] = {"--user",    "o'neill", "--negotiate", "--attempts", "9", "--stall-timeout=15",
                     "--ca-file", "a b"};
    struct wanted wanted = parse(words, sizeof words / sizeof *words);
    struct store_options o = store_options_from(&wanted.store);
    char *text;
    size_t len;
    assert_string_equal(o.user, "o'neill");
    assert_true(o.negotiate);
    assert_int_equal(o.attempts, 9);
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    store_options_print(&wanted.store, out);
    store_options_quote("", out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, " --user 'o'\\''neill' --negotiate --ca-file 'a b' --attempts 9''");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_the_librarys_choice),
        cmocka_unit_test(what_was_said_is_printed_for_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Command lines from tables: every way of saying it, and every way of saying it wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "train/options.h"

struct wanted {
    const char *name;
    size_t count;
    uint64_t seed;
    double rate;
    bool loud;
    struct option_list items;
};

static const struct option_row rows[] = {
    {"name", "NAME", "cnn", "a name", OPTION_TEXT, offsetof(struct wanted, name), 0, 0},
    {"count", "N", "5", "a count", OPTION_COUNT, offsetof(struct wanted, count), 1, 100},
    {"seed", "N", "1", "a seed", OPTION_SEED, offsetof(struct wanted, seed), 0, 0},
    {"rate", "X", "0.5", "a rate", OPTION_NUMBER, offsetof(struct wanted, rate), 0, 0},
    {"loud", NULL, NULL, "a flag", OPTION_FLAG, offsetof(struct wanted, loud), 0, 0},
    {"item", "X", "", "an item", OPTION_LIST, offsetof(struct wanted, items), 0, 0},
};

static struct command command = {
    .name = "try",
    .summary = "Try",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct wanted),
};

enum { WORDS = 40 };

struct outcome {
    bool ok;
    bool help;
    struct wanted wanted;
    struct error err;
    size_t operand_count;
    char words[WORDS][32];
    char *argv[WORDS];
};

/* Parses words separated by blanks. */
static void parse(struct outcome *o, const char *line, const char *operands)
{
    size_t count = 0;
    *o = (struct outcome){0};
    while (*line != '\0') {
        size_t len = strcspn(line, " ");
        memcpy(o->words[count], line, len);
        o->argv[count] = o->words[count];
        count++;
        line += len + (line[len] == ' ');
    }
    command.operands = operands;
    o->ok =
        options_parse(&o->wanted, &command, o->argv, count, &o->operand_count, &o->help, &o->err);
}

static void test_defaults(void **state)
{
    (void)state;
    struct outcome o;
    parse(&o, "", NULL);
    assert_true(o.ok);
    assert_string_equal(o.wanted.name, "cnn");
    assert_int_equal(o.wanted.count, 5);
    assert_int_equal(o.wanted.seed, 1);
    assert_true(o.wanted.rate == 0.5);
    assert_false(o.wanted.loud);
}

static void test_values(void **state)
{
    (void)state;
    struct outcome o;
    parse(&o, "--name mlp --count=100 --seed 18446744073709551615 --rate=1e-3 --loud", NULL);
    assert_true(o.ok);
    assert_string_equal(o.wanted.name, "mlp");
    assert_int_equal(o.wanted.count, 100);
    assert_int_equal(o.wanted.seed, UINT64_MAX);
    assert_true(o.wanted.rate == 1e-3);
    assert_true(o.wanted.loud);
}

static void test_lists_grow(void **state)
{
    (void)state;
    struct outcome o;
    char line[256] = "--item a --item=b";
    parse(&o, "", NULL);
    assert_int_equal(o.wanted.items.count, 0);
    parse(&o, line, NULL);
    assert_true(o.ok);
    assert_int_equal(o.wanted.items.count, 2);
    assert_string_equal(o.wanted.items.items[0], "a");
    assert_string_equal(o.wanted.items.items[1], "b");
    while (o.wanted.items.count < OPTION_LIST_MAX) {
        strcat(line, " --item c");
        parse(&o, line, NULL);
        assert_true(o.ok);
    }
    strcat(line, " --item c");
    parse(&o, line, NULL);
    assert_false(o.ok);
    assert_non_null(strstr(o.err.text, "--item can be said 16 times at most"));
}

static void test_operands_stand_anywhere(void **state)
{
    (void)state;
    struct outcome o;
    parse(&o, "a.png --loud - -- --b.png", "FILE...");
    assert_true(o.ok);
    assert_int_equal(o.operand_count, 3);
    assert_string_equal(o.argv[0], "a.png");
    assert_string_equal(o.argv[1], "-");
    assert_string_equal(o.argv[2], "--b.png");
}

static void test_help_comes_first(void **state)
{
    (void)state;
    struct outcome o;
    parse(&o, "--help --nonsense", "FILE...");
    assert_true(o.ok);
    assert_true(o.help);
}

static const struct {
    const char *line;
    const char *operands;
    const char *text;
} wrong[] = {
    {"--nonsense", NULL, "there is no option '--nonsense'"},
    {"--nam x", NULL, "there is no option '--nam'"},
    {"--names=x", NULL, "there is no option '--names'"},
    {"-n", NULL, "there is no option '-n'"},
    {"--name", NULL, "--name needs a value"},
    {"--loud=1", NULL, "--loud takes no value"},
    {"--count 0", NULL, "--count is '0'; it must be a whole number, 1 to 100"},
    {"--count 101", NULL, "1 to 100"},
    {"--count 5x", NULL, "--count is '5x'"},
    {"--count=", NULL, "--count is ''"},
    {"--count -1", NULL, "--count is '-1'"},
    {"--count +1", NULL, "--count is '+1'"},
    {"--count 18446744073709551617", NULL, "it must be a whole number"},
    {"--seed 18446744073709551616", NULL, "--seed is"},
    {"--rate 0", NULL, "--rate is '0'; it must be a number above 0"},
    {"--rate nan", NULL, "--rate is 'nan'"},
    {"--rate inf", NULL, "--rate is 'inf'"},
    {"--rate 1x", NULL, "--rate is '1x'"},
    {"a.png", NULL, "'a.png' is one word too many"},
    {"--loud", "FILE...", "FILE... is missing"},
};

static void test_says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct outcome o;
        parse(&o, wrong[i].line, wrong[i].operands);
        if (o.ok || strstr(o.err.text, wrong[i].text) == NULL)
            fail_msg("'%s': '%s' does not say '%s'", wrong[i].line, o.err.text, wrong[i].text);
        assert_int_equal(o.err.code, ERROR_BAD_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),         cmocka_unit_test(test_values),
        cmocka_unit_test(test_lists_grow),       cmocka_unit_test(test_operands_stand_anywhere),
        cmocka_unit_test(test_help_comes_first), cmocka_unit_test(test_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

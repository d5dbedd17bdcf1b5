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
    double share;
    double length;
    size_t colour;
    const char *mood;
};

static const struct option_row rows[] = {
    {"name", "NAME", "cnn", "a name", OPTION_TEXT, offsetof(struct wanted, name), 0, 0},
    {"count", "N", "5", "a count", OPTION_COUNT, offsetof(struct wanted, count), 1, 100},
    {"seed", "N", "1", "a seed", OPTION_SEED, offsetof(struct wanted, seed), 0, 0},
    {"rate", "X", "0.5", "a rate", OPTION_NUMBER, offsetof(struct wanted, rate), 0, 0},
    {"loud", NULL, NULL, "a flag", OPTION_FLAG, offsetof(struct wanted, loud), 0, 0},
    {"item", "X", "", "an item", OPTION_LIST, offsetof(struct wanted, items), 0, 0},
    {"share", "X", "0", "below 1", OPTION_AMOUNT, offsetof(struct wanted, share), 0, 1},
    {"length", "X", "2", "a length", OPTION_AMOUNT, offsetof(struct wanted, length), 0, 0},
    {"colour", "red|green|blue", "green", "a colour", OPTION_CHOICE,
     offsetof(struct wanted, colour), 0, 0},
    {"mood", "NAME", "", "a preset", OPTION_PRESET, offsetof(struct wanted, mood), 0, 0},
};

static const struct option_preset presets[] = {
    {"glad", "", (const char *const[]){"--colour=blue", "--count=9", "--loud", NULL}},
    {"sad", "", (const char *const[]){"--colour=red", NULL}},
};

static struct command command = {
    .name = "try",
    .summary = "Try",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct wanted),
    .presets = presets,
    .preset_count = sizeof presets / sizeof *presets,
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

static void test_amounts_and_choices(void **state)
{
    (void)state;
    struct outcome o;
    parse(&o, "", NULL);
    assert_true(o.wanted.share == 0 && o.wanted.length == 2 && o.wanted.colour == 1);
    parse(&o, "--share 0.999 --length=0 --colour blue", NULL);
    assert_true(o.ok);
    assert_true(o.wanted.share == 0.999 && o.wanted.length == 0 && o.wanted.colour == 2);
}

static void test_presets_come_first(void **state)
{
    (void)state;
    struct outcome o;
    parse(&o, "--mood glad", NULL);
    assert_true(o.ok);
    assert_string_equal(o.wanted.mood, "glad");
    assert_true(o.wanted.colour == 2 && o.wanted.count == 9 && o.wanted.loud);
    parse(&o, "--count 7 --mood=glad --colour=red", NULL);
    assert_true(o.ok);
    assert_true(o.wanted.colour == 0 && o.wanted.count == 7 && o.wanted.loud);
    /* The last one counts, and alone; what is a value, or an operand, is none. */
    parse(&o, "--mood glad --mood sad", NULL);
    assert_true(o.ok && o.wanted.colour == 0 && o.wanted.count == 5);
    parse(&o, "--name --mood -- --mood=glad", "FILE...");
    assert_true(o.ok && o.wanted.colour == 1);
    assert_string_equal(o.wanted.name, "--mood");
}

static void test_text_of_what_is_not_the_default(void **state)
{
    (void)state;
    struct outcome o;
    char text[200];
    parse(&o, "", NULL);
    assert_true(options_text(text, sizeof text, &command, &o.wanted, sizeof o.wanted, &o.err));
    assert_string_equal(text, "");
    parse(&o, "--seed 2 --rate=1e-3 --name=x --colour red --loud --share 0.1 --count 5", NULL);
    assert_true(options_text(text, sizeof text, &command, &o.wanted, sizeof o.wanted, &o.err));
    assert_string_equal(text, "--name=x --seed=2 --rate=0.001 --loud --share=0.1 --colour=red");
    assert_true(options_text(text, sizeof text, &command, &o.wanted, offsetof(struct wanted, seed),
                             &o.err));
    assert_string_equal(text, "--name=x");
    assert_false(options_text(text, 20, &command, &o.wanted, sizeof o.wanted, &o.err));
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
    {"--share 1", NULL, "--share is '1'; it must be a number, 0 or more and below 1"},
    {"--share -0.1", NULL, "--share is '-0.1'"},
    {"--length -1", NULL, "--length is '-1'; it must be a number, 0 or more"},
    {"--length=-0", NULL, "--length is '-0'"},
    {"--length inf", NULL, "--length is 'inf'"},
    {"--length=", NULL, "--length is ''"},
    {"--colour pink", NULL, "--colour is 'pink'; it must be one of red|green|blue"},
    {"--colour re", NULL, "--colour is 're'"},
    {"--colour=", NULL, "--colour is ''"},
    {"--mood blue", NULL, "there is no mood 'blue'; there is: glad, sad"},
    {"--mood", NULL, "--mood needs a value"},
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
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_lists_grow),
        cmocka_unit_test(test_amounts_and_choices),
        cmocka_unit_test(test_presets_come_first),
        cmocka_unit_test(test_text_of_what_is_not_the_default),
        cmocka_unit_test(test_operands_stand_anywhere),
        cmocka_unit_test(test_help_comes_first),
        cmocka_unit_test(test_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

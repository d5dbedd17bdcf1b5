/*
 * The recipes of `digit train`: each can be said, means what it says, and gives way to what else is
 * on the command line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/commands.h"
#include "train/learning/recipe.h"

enum { TEXT_SIZE = 2048, WORDS_MAX = 8 };

/* Parses the words and gives what differs from the defaults, as text. */
static void settings_of(char text[TEXT_SIZE], const char *const *words)
{
    char *argv[WORDS_MAX];
    size_t count = 0, operands;
    bool help;
    struct error err = {0};
    void *options = malloc(command_train.size);
    assert_non_null(options);
    for (; words[count] != NULL; count++)
        argv[count] = strdup(words[count]);
    if (!options_parse(options, &command_train, argv, count, &operands, &help, &err) ||
        !options_text(text, TEXT_SIZE, &command_train, options, command_train.size, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++)
        free(argv[i]);
    free(options);
}

#define SETTINGS_OF(text, ...) settings_of(text, (const char *const[]){__VA_ARGS__, NULL})

static void test_each_can_be_said(void **state)
{
    (void)state;
    char text[TEXT_SIZE], wanted[64];
    for (size_t i = 0; i < RECIPES; i++) {
        SETTINGS_OF(text, "--recipe", recipes[i].name);
        (void)snprintf(wanted, sizeof wanted, "--recipe=%s", recipes[i].name);
        assert_non_null(strstr(text, wanted));
    }
}

static void test_reference_is_what_is_done_by_default(void **state)
{
    (void)state;
    char text[TEXT_SIZE];
    SETTINGS_OF(text, "--recipe=reference");
    assert_string_equal(text, "--recipe=reference --threads=1");
}

static void test_the_command_line_has_the_last_word(void **state)
{
    (void)state;
    char after[TEXT_SIZE], before[TEXT_SIZE];
    SETTINGS_OF(after, "--recipe", "quick", "--epochs", "9", "--batch=31");
    assert_non_null(strstr(after, "--epochs=9"));
    assert_non_null(strstr(after, "--batch=31"));
    assert_non_null(strstr(after, "--schedule=one-cycle"));
    SETTINGS_OF(before, "--batch=31", "--epochs", "9", "--recipe", "quick");
    assert_string_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_can_be_said),
        cmocka_unit_test(test_reference_is_what_is_done_by_default),
        cmocka_unit_test(test_the_command_line_has_the_last_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

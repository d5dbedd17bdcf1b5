/*
 * The table of engines and the search for plug-ins, without any plug-in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/engine.h"
#include "model/plugin.h"

static void test_names_the_engines(void **state)
{
    (void)state;
    struct engine *engine = NULL;
    struct error err = {0};
    assert_false(engine_open(&engine, "abacus", NULL, NULL, NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    assert_non_null(strstr(err.text, "there is no engine 'abacus'; there is: "));
    assert_non_null(strstr(err.text, "torch"));
    assert_null(engine);
}

static void test_closing_nothing_is_fine(void **state)
{
    (void)state;
    engine_close(NULL);
}

static void test_says_where_it_looked(void **state)
{
    (void)state;
    const void *symbol = NULL;
    struct error err = {0};
    assert_int_equal(setenv("DIGIT_PLUGIN_DIR", "/nonexistent/plugins", 1), 0);
    assert_false(plugin_symbol(&symbol, "digit_no_such.so", "none", &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "digit_no_such.so was not found in /nonexistent/plugins, "));
    assert_null(symbol);
}

/* What is there but is no shared object is another matter than what is not there. */
static void test_a_broken_plugin_is_said_to_be_broken(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_engine.XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/broken.so", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("not an ELF file", file) >= 0);
    assert_int_equal(fclose(file), 0);
    const void *symbol;
    struct error err = {0};
    assert_int_equal(setenv("DIGIT_PLUGIN_DIR", folder, 1), 0);
    assert_false(plugin_symbol(&symbol, "broken.so", "none", &err));
    assert_int_equal(err.code, ERROR_ENGINE);
    assert_non_null(strstr(err.text, "a plug-in cannot be loaded: "));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_the_engines),
        cmocka_unit_test(test_closing_nothing_is_fine),
        cmocka_unit_test(test_says_where_it_looked),
        cmocka_unit_test(test_a_broken_plugin_is_said_to_be_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

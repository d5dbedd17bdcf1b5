/* model/document.h: whole, or not at all, wherever memory ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/document.h"

/* jansson's buffers grow at 16, 32 and 64 characters. */
#define TEXT                                                            \
    "{\"fifteen letters\":\"a text of sixteen\",\"x\":0.1234567890123," \
    "\"a name of rather more letters than thirty\":[1,2,{\"y\":100000000000000}]}"

/* The linker puts it before malloc: see tests/CMakeLists.txt. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);

static unsigned count, last; /* all that come after `last` fail */

void *__wrap_malloc(size_t len)
{
    return ++count > last ? NULL : __real_malloc(len);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void memory_ends_after(unsigned allocations)
{
    count = 0;
    last = allocations;
}

static int set_up(void **state)
{
    (void)state;
    memory_ends_after(UINT32_MAX);
    return 0;
}

static void test_text_that_is_read_and_written(void **state)
{
    (void)state;
    struct error err = {0};
    json_t *document = document_read(TEXT, strlen(TEXT), &err);
    assert_non_null(document);
    char *text = document_write(document, JSON_COMPACT | JSON_REAL_PRECISION(15), &err);
    assert_string_equal(text, TEXT);
    free(text);
    json_decref(document);
    assert_int_equal(err.code, ERROR_NONE);
}

static void test_text_that_is_no_document(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "{}{}", "\"\xff\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct error err = {0};
        assert_null(document_read(texts[i], strlen(texts[i]), &err));
        assert_int_equal(err.code, ERROR_NOT_JSON);
        assert_memory_equal(err.text, "line 1: ", strlen("line 1: "));
    }
}

static void test_nothing_cannot_be_written(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(document_write(NULL, 0, &err));
    assert_int_equal(err.code, ERROR_OUT_OF_MEMORY);
}

static void test_memory_that_ends_while_reading(void **state)
{
    (void)state;
    for (unsigned after = 0;; after++) {
        struct error err = {0};
        memory_ends_after(after);
        json_t *document = document_read(TEXT, strlen(TEXT), &err);
        memory_ends_after(UINT32_MAX);
        if (document != NULL) {
            assert_true(after > 20);
            json_decref(document);
            return;
        }
        assert_int_equal(err.code, ERROR_OUT_OF_MEMORY);
    }
}

static void test_memory_that_ends_while_writing(void **state)
{
    (void)state;
    struct error unsaid = {0};
    json_t *document = document_read(TEXT, strlen(TEXT), &unsaid);
    for (unsigned after = 0;; after++) {
        struct error err = {0};
        memory_ends_after(after);
        char *text = document_write(document, JSON_COMPACT | JSON_REAL_PRECISION(15), &err);
        memory_ends_after(UINT32_MAX);
        if (text != NULL) {
            assert_true(after > 2);
            assert_string_equal(text, TEXT);
            free(text);
            break;
        }
        assert_int_equal(err.code, ERROR_OUT_OF_MEMORY);
    }
    json_decref(document);
}

/* More than the reserve has: what jansson is denied then is said, too. */
static void test_long_text_without_memory(void **state)
{
    (void)state;
    static char text[1 << 16];
    struct error err = {0};
    memset(text, 'a', sizeof text);
    text[0] = text[sizeof text - 1] = '"';
    memory_ends_after(0);
    json_t *document = document_read(text, sizeof text, &err);
    memory_ends_after(UINT32_MAX);
    assert_null(document);
    assert_int_equal(err.code, ERROR_OUT_OF_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_text_that_is_read_and_written, set_up),
        cmocka_unit_test_setup(test_text_that_is_no_document, set_up),
        cmocka_unit_test_setup(test_nothing_cannot_be_written, set_up),
        cmocka_unit_test_setup(test_memory_that_ends_while_reading, set_up),
        cmocka_unit_test_setup(test_memory_that_ends_while_writing, set_up),
        cmocka_unit_test_setup(test_long_text_without_memory, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

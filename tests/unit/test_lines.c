/* Lines of every length out of pipes and files, whole or cut. */
#include "train/dataset/lines.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int file_with(const void *bytes, size_t len)
{
    int fd = memfd_create("lines", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void expect_line(struct lines *l, const char *text, size_t len, bool is_cut)
{
    struct line line;
    struct error err = {0};
    assert_true(lines_next(l, &line, &err));
    assert_non_null(line.text);
    assert_int_equal(line.len, len);
    assert_memory_equal(line.text, text, len);
    assert_int_equal(line.text[len], '\0');
    assert_int_equal(line.is_cut, is_cut);
}

static void expect_end(struct lines *l)
{
    struct line line;
    struct error err = {0};
    for (int i = 0; i < 2; i++) {
        assert_true(lines_next(l, &line, &err));
        assert_null(line.text);
    }
}

static void test_lines_of_a_file(void **state)
{
    (void)state;
    static const char text[] = "one\n\nthr\0ee\nlast";
    int fd = file_with(text, sizeof text - 1);
    struct lines l;
    lines_begin(&l, fd, 100);
    expect_line(&l, "one", 3, false);
    expect_line(&l, "", 0, false);
    expect_line(&l, "thr\0ee", 6, false);
    assert_int_equal(l.number, 3);
    expect_line(&l, "last", 4, false);
    expect_end(&l);
    assert_int_equal(l.number, 4);
    lines_end(&l);
    close(fd);
}

static void test_nothing(void **state)
{
    (void)state;
    int fd = file_with("", 0);
    struct lines l;
    lines_begin(&l, fd, 100);
    expect_end(&l);
    lines_end(&l);
    close(fd);
}

/* Exactly as long as allowed is whole, with a newline or at the end; one more is cut. */
static void test_cut(void **state)
{
    (void)state;
    static const char text[] = "12345\n123456\n1234567890\nab\n12345";
    int fd = file_with(text, sizeof text - 1);
    struct lines l;
    lines_begin(&l, fd, 5);
    expect_line(&l, "12345", 5, false);
    expect_line(&l, "12345", 5, true);
    expect_line(&l, "12345", 5, true);
    expect_line(&l, "ab", 2, false);
    expect_line(&l, "12345", 5, false);
    expect_end(&l);
    lines_end(&l);
    close(fd);
    fd = file_with("123456", 6);
    lines_begin(&l, fd, 5);
    expect_line(&l, "12345", 5, true);
    expect_end(&l);
    lines_end(&l);
    close(fd);
}

/* Lines of 0 to 3,000 bytes, of which the buffer holds many, some not whole. */
static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    size_t len = 0;
    char *text = malloc(COUNT * (COUNT + 1) / 2 + COUNT);
    assert_non_null(text);
    for (size_t i = 0; i < COUNT; i++) {
        memset(text + len, 'a' + (int)(i % 26), i);
        len += i;
        text[len++] = '\n';
    }
    int fd = file_with(text, len);
    struct lines l;
    const char *at = text;
    lines_begin(&l, fd, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        expect_line(&l, at, i, false);
        at += i + 1;
    }
    expect_end(&l);
    lines_end(&l);
    close(fd);
    free(text);
}

/* A line far above the limit is passed over without being kept. */
static void test_memory_is_bounded(void **state)
{
    (void)state;
    enum { LEN = 20 * 1024 * 1024 };
    char *text = malloc(LEN);
    assert_non_null(text);
    memset(text, 'x', LEN);
    text[LEN - 3] = '\n';
    int fd = file_with(text, LEN);
    struct lines l;
    lines_begin(&l, fd, 1000);
    expect_line(&l, text, 1000, true);
    expect_line(&l, "xx", 2, false);
    expect_end(&l);
    assert_true(l.size <= 1024 * 1024);
    lines_end(&l);
    close(fd);
    free(text);
}

/* A pipe gives what is there: a line may come in pieces. */
static void *write_slowly(void *fd)
{
    for (const char *c = "first\nsecond"; *c != '\0'; c++)
        assert_int_equal(write(*(int *)fd, c, 1), 1);
    close(*(int *)fd);
    return NULL;
}

static void test_pipe(void **state)
{
    (void)state;
    int ends[2];
    pthread_t writer;
    struct lines l;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_slowly, &ends[1]), 0);
    lines_begin(&l, ends[0], 100);
    expect_line(&l, "first", 5, false);
    expect_line(&l, "second", 6, false);
    expect_end(&l);
    lines_end(&l);
    assert_int_equal(pthread_join(writer, NULL), 0);
    close(ends[0]);
}

static void test_failure(void **state)
{
    (void)state;
    struct lines l;
    struct line line;
    struct error err = {0};
    lines_begin(&l, -1, 100);
    assert_false(lines_next(&l, &line, &err));
    assert_int_equal(err.code, ERROR_FILE);
    lines_end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_a_file),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Lines through many threads: all of them, once, in order; and the ways it can fail. */
#include "train/pipeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINES = 5000 };

static uint64_t told;

static void tell(void *context, uint64_t lines)
{
    (void)context;
    assert_true(lines > told);
    told = lines;
}

/* Each line with its number before it. Every third batch takes longer. */
static bool number(void *context, struct pipeline_batch *b, struct error *err)
{
    (void)context;
    (void)err;
    memset(b->scratch, (int)b->count, 100);
    if (b->first / PIPELINE_LINES_MAX % 3 == 0)
        usleep(1000);
    for (size_t i = 0; i < b->count; i++)
        b->out_len +=
            (size_t)sprintf(b->out + b->out_len, "%d %s\n", (int)(b->first + i), b->lines[i].text);
    return true;
}

static bool fail_at(void *context, struct pipeline_batch *b, struct error *err)
{
    const uint64_t at = *(const uint64_t *)context;
    if (at >= b->first && at < b->first + b->count)
        return error_set(err, ERROR_ENGINE, "line %d is too much", (int)at);
    return number(NULL, b, err);
}

static int input(const char *text, size_t len)
{
    int fd = memfd_create("pipeline", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static int numbered_lines(void)
{
    static char text[LINES * 16];
    size_t len = 0;
    for (int i = 1; i <= LINES; i++)
        len += (size_t)sprintf(text + len, "line %d\n", i);
    return input(text, len);
}

static bool run(char **out, size_t *len, struct pipeline_options options, struct error *err)
{
    options.out = open_memstream(out, len);
    options.line_max = 3 * 1024 * 1024;
    options.scratch_size = 100;
    options.written = tell;
    told = 0;
    bool ok = pipeline_run(&options, err);
    assert_int_equal(fclose(options.out), 0);
    close(options.in);
    return ok;
}

static void check_order(size_t threads)
{
    struct error err = {0};
    char *out, want[64];
    size_t len;
    assert_true(
        run(&out, &len,
            (struct pipeline_options){.in = numbered_lines(), .threads = threads, .work = number},
            &err));
    const char *at = out;
    for (int i = 1; i <= LINES; i++) {
        int want_len = sprintf(want, "%d line %d\n", i, i);
        assert_memory_equal(at, want, (size_t)want_len);
        at += want_len;
    }
    assert_ptr_equal(at, out + len);
    assert_int_equal(told, LINES);
    free(out);
}

static void test_order(void **state)
{
    (void)state;
    check_order(1);
    check_order(2);
    check_order(7);
}

static void test_nothing(void **state)
{
    (void)state;
    struct error err = {0};
    char *out;
    size_t len;
    assert_true(run(&out, &len,
                    (struct pipeline_options){.in = input("", 0), .threads = 2, .work = number},
                    &err));
    assert_int_equal(len, 0);
    free(out);
}

/* Counts what is in a batch: long lines make batches of few. */
static bool measure(void *context, struct pipeline_batch *b, struct error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < b->count; i++)
        b->out_len += (size_t)sprintf(b->out + b->out_len, "%zu%s ", b->lines[i].len,
                                      b->lines[i].is_cut ? "+" : "");
    b->out_len += (size_t)sprintf(b->out + b->out_len, "\n");
    return true;
}

static void test_long_lines(void **state)
{
    (void)state;
    enum { LEN = 10000000 };
    struct error err = {0};
    char *text = malloc(LEN), *out;
    size_t len;
    memset(text, 'x', LEN);
    text[700000] = text[1400000] = text[2000000] = text[6000000] = '\n';
    assert_true(run(
        &out, &len,
        (struct pipeline_options){.in = input(text, LEN), .threads = 2, .work = measure}, &err));
    assert_string_equal(out, "700000 699999 \n599999 3145728+ \n3145728+ \n");
    free(out);
    free(text);
}

static void test_failure_of_the_work(void **state)
{
    (void)state;
    for (uint64_t at = 1; at < LINES; at += 999) {
        struct error err = {0};
        char *out;
        size_t len;
        assert_false(run(&out, &len,
                         (struct pipeline_options){
                             .in = numbered_lines(), .threads = 3, .work = fail_at, .context = &at},
                         &err));
        assert_int_equal(err.code, ERROR_ENGINE);
        assert_true(told < at);
        free(out);
    }
}

static void test_failure_to_read(void **state)
{
    (void)state;
    struct error err = {0};
    char *out;
    size_t len;
    assert_false(
        run(&out, &len, (struct pipeline_options){.in = -1, .threads = 2, .work = number}, &err));
    assert_int_equal(err.code, ERROR_FILE);
    free(out);
}

static void test_failure_to_write(void **state)
{
    (void)state;
    struct error err = {0};
    struct pipeline_options options = {
        .in = numbered_lines(),
        .line_max = 100,
        .out = fopen("/dev/full", "w"),
        .threads = 2,
        .scratch_size = 100,
        .work = number,
        .written = tell,
    };
    assert_non_null(options.out);
    told = 0;
    assert_false(pipeline_run(&options, &err));
    assert_int_equal(err.code, ERROR_FILE);
    (void)fclose(options.out);
    close(options.in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),           cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_long_lines),      cmocka_unit_test(test_failure_of_the_work),
        cmocka_unit_test(test_failure_to_read), cmocka_unit_test(test_failure_to_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

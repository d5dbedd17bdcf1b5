/*
 * IDX files: the right ones, plain and compressed, and every way of being wrong.
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

#include <zlib.h>

#include "train/dataset/mnist.h"

enum { COUNT = 3, IMAGES_LEN = 16 + COUNT * DIGIT_PIXELS, LABELS_LEN = 8 + COUNT };

struct files {
    uint8_t images[IMAGES_LEN];
    uint8_t labels[LABELS_LEN];
};

static struct files good_files(void)
{
    struct files f = {
        .images = {0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, 28, 0, 0, 0, 28},
        .labels = {0, 0, 8, 1, 0, 0, 0, COUNT, 7, 0, 9},
    };
    for (size_t i = 16; i < sizeof f.images; i++)
        f.images[i] = (uint8_t)(i * 31);
    return f;
}

static void test_parses_images(void **state)
{
    (void)state;
    struct files f = good_files();
    struct error err = {0};
    const uint8_t *pixels;
    size_t count;
    assert_true(idx_images(&pixels, &count, f.images, sizeof f.images, &err));
    assert_int_equal(count, COUNT);
    assert_ptr_equal(pixels, f.images + 16);
}

static void test_parses_labels(void **state)
{
    (void)state;
    struct files f = good_files();
    struct error err = {0};
    const uint8_t *labels;
    size_t count;
    assert_true(idx_labels(&labels, &count, f.labels, sizeof f.labels, &err));
    assert_int_equal(count, COUNT);
    assert_int_equal(labels[2], 9);
}

/* One byte changed, or the length: what must be said then. */
static const struct {
    bool labels;
    size_t at;
    uint8_t byte;
    size_t len;
    const char *text;
} wrong[] = {
    {false, 3, 3, 0, "shorter than the header"},
    {false, 3, 3, 15, "shorter than the header"},
    {false, 2, 9, IMAGES_LEN, "it starts with 00000903, not 00000803"},
    {false, 3, 1, IMAGES_LEN, "no IDX file of images"},
    {false, 7, 0, IMAGES_LEN, "it declares 0 images"},
    {false, 4, 255, IMAGES_LEN, "it declares 4278190083 images"},
    {false, 7, COUNT + 1, IMAGES_LEN, "too short"},
    {false, 7, COUNT - 1, IMAGES_LEN, "too long"},
    {false, 7, COUNT, IMAGES_LEN - 1, "too short"},
    {false, 11, 27, IMAGES_LEN, "its images are 28x27, not 28x28"},
    {false, 15, 29, IMAGES_LEN, "its images are 29x28, not 28x28"},
    {true, 3, 1, 7, "shorter than the header"},
    {true, 3, 3, LABELS_LEN, "no IDX file of labels"},
    {true, 7, COUNT + 1, LABELS_LEN, "too short"},
    {true, 10, 10, LABELS_LEN, "label 2 is 10"},
};

static void test_says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct files f = good_files();
        uint8_t *bytes = wrong[i].labels ? f.labels : f.images;
        bytes[wrong[i].at] = wrong[i].byte;
        /* In memory of exactly that length, so that a sanitizer sees a read past it. */
        uint8_t *exact = malloc(wrong[i].len + 1);
        assert_non_null(exact);
        memcpy(exact + 1, bytes, wrong[i].len);
        struct error err = {0};
        const uint8_t *items = NULL;
        size_t count = 0;
        assert_false((wrong[i].labels ? idx_labels : idx_images)(&items, &count, exact + 1,
                                                                 wrong[i].len, &err));
        assert_int_equal(err.code, ERROR_BAD_DATA);
        if (strstr(err.text, wrong[i].text) == NULL)
            fail_msg("case %zu: '%s' does not say '%s'", i, err.text, wrong[i].text);
        free(exact);
    }
}

/* A folder that holds one split, given to a test and removed after it. */
static char folder[64];

static void put(const char *name, const void *bytes, size_t len, const char *mode)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    gzFile file = gzopen(path, mode);
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)len), len);
    assert_int_equal(gzclose(file), Z_OK);
}

static int folder_setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/test_mnist.XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int folder_teardown(void **state)
{
    (void)state;
    static const char *const names[] = {MNIST_TEST_IMAGES, MNIST_TEST_LABELS,
                                        MNIST_TEST_IMAGES ".gz", MNIST_TEST_LABELS ".gz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static void test_loads_plain_and_compressed(void **state)
{
    (void)state;
    struct files f = good_files();
    put(MNIST_TEST_IMAGES, f.images, sizeof f.images, "wbT");
    put(MNIST_TEST_LABELS ".gz", f.labels, sizeof f.labels, "wb9");
    struct mnist set;
    struct error err = {0};
    if (!mnist_load(&set, folder, MNIST_TEST, &err))
        fail_msg("%s", err.text);
    assert_int_equal(set.count, COUNT);
    assert_memory_equal(set.pixels, f.images + 16, COUNT * DIGIT_PIXELS);
    assert_memory_equal(set.labels, f.labels + 8, COUNT);
    char sha256[FILE_SHA256_SIZE];
    file_sha256(sha256, f.labels, sizeof f.labels);
    assert_string_equal(set.labels_sha256, sha256);
    file_sha256(sha256, f.images, sizeof f.images);
    assert_string_equal(set.images_sha256, sha256);
    mnist_free(&set);
}

/* A set that was made has the names of the files that would hold it. */
static void test_makes_a_set(void **state)
{
    (void)state;
    struct files f = good_files();
    struct mnist set;
    struct error err = {0};
    char sha256[FILE_SHA256_SIZE];
    assert_true(mnist_new(&set, COUNT, &err));
    memcpy(set.pixels, f.images + 16, COUNT * DIGIT_PIXELS);
    memcpy(set.labels, f.labels + 8, COUNT);
    mnist_hash(&set);
    file_sha256(sha256, f.labels, sizeof f.labels);
    assert_string_equal(set.labels_sha256, sha256);
    file_sha256(sha256, f.images, sizeof f.images);
    assert_string_equal(set.images_sha256, sha256);
    mnist_free(&set);

    assert_false(mnist_new(&set, 0, &err));
    assert_int_equal(err.code, ERROR_BAD_DATA);
    assert_null(set.pixels);
    assert_int_equal(set.count, 0);
}

static void expect_load_error(const char *text)
{
    struct mnist set;
    struct error err = {0};
    assert_false(mnist_load(&set, folder, MNIST_TEST, &err));
    assert_int_equal(err.code, ERROR_BAD_DATA);
    assert_null(set.pixels);
    if (strstr(err.text, text) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, text);
}

static void test_names_the_missing_file(void **state)
{
    (void)state;
    expect_load_error(MNIST_TEST_IMAGES " is not there; run ./dev data");
    struct files f = good_files();
    put(MNIST_TEST_IMAGES, f.images, sizeof f.images, "wbT");
    expect_load_error(MNIST_TEST_LABELS " is not there; run ./dev data");
}

static void test_names_the_wrong_file(void **state)
{
    (void)state;
    struct files f = good_files();
    put(MNIST_TEST_IMAGES, f.images, sizeof f.images, "wbT");
    f.labels[8] = 11;
    put(MNIST_TEST_LABELS, f.labels, sizeof f.labels, "wbT");
    expect_load_error(MNIST_TEST_LABELS ": label 0 is 11");
}

static void test_refuses_counts_that_differ(void **state)
{
    (void)state;
    struct files f = good_files();
    put(MNIST_TEST_IMAGES, f.images, sizeof f.images, "wbT");
    f.labels[7] = COUNT - 1;
    put(MNIST_TEST_LABELS, f.labels, sizeof f.labels - 1, "wbT");
    expect_load_error("has 3 images but 2 labels");
}

static void test_refuses_a_damaged_gz(void **state)
{
    (void)state;
    struct files f = good_files();
    put(MNIST_TEST_LABELS, f.labels, sizeof f.labels, "wbT");
    put(MNIST_TEST_IMAGES ".gz", f.images, sizeof f.images, "wb9");
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, MNIST_TEST_IMAGES ".gz");
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    /* The CRC-32 at the end. */
    assert_int_equal(fseek(file, -8, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -8, SEEK_END), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
    expect_load_error(MNIST_TEST_IMAGES ".gz: it cannot be read");
    assert_int_equal(truncate(path, 60), 0);
    expect_load_error(MNIST_TEST_IMAGES ".gz: it is too short");
}

/* A few KB that would inflate to 16 MB: the header says three images, and no more is taken. */
static void test_does_not_inflate_a_bomb(void **state)
{
    (void)state;
    enum { BOMB = 1 << 24 };
    uint8_t *bytes = calloc(1, BOMB);
    assert_non_null(bytes);
    struct files f = good_files();
    memcpy(bytes, f.images, 16);
    put(MNIST_TEST_IMAGES ".gz", bytes, BOMB, "wb9");
    free(bytes);
    expect_load_error(MNIST_TEST_IMAGES ".gz: it is too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses_images),
        cmocka_unit_test(test_parses_labels),
        cmocka_unit_test(test_says_what_is_wrong),
        cmocka_unit_test_setup_teardown(test_loads_plain_and_compressed, folder_setup,
                                        folder_teardown),
        cmocka_unit_test(test_makes_a_set),
        cmocka_unit_test_setup_teardown(test_names_the_missing_file, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_names_the_wrong_file, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_refuses_counts_that_differ, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_refuses_a_damaged_gz, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_does_not_inflate_a_bomb, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

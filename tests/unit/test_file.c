/*
 * Whole files: what is read is what was written, and a failed write leaves nothing behind.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/file.h"

static char folder[] = "/tmp/digit-file-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *in_folder(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static size_t files_in_folder(void)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct error err = {0};
    const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};
    uint8_t *bytes = malloc(100000);
    assert_non_null(bytes);
    for (size_t i = 0; i < 100000; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *back = NULL;
        size_t len = 0;
        assert_true(file_write(in_folder("a"), bytes, sizes[i], &err));
        assert_int_equal(files_in_folder(), 1);
        assert_true(file_read(&back, &len, in_folder("a"), sizes[i], &err));
        assert_int_equal(len, sizes[i]);
        assert_memory_equal(back, bytes, len);
        assert_int_equal(back[len], 0);
        free(back);
    }
    free(bytes);
    unlink(in_folder("a"));
}

static void a_bare_name_is_written_where_we_are(void **state)
{
    (void)state;
    struct error err = {0};
    char *here = getcwd(NULL, 0);
    assert_non_null(here);
    assert_int_equal(chdir(folder), 0);
    const bool good = file_write("bare", "text", 4, &err);
    assert_int_equal(chdir(here), 0);
    free(here);
    assert_true(good);
    assert_int_equal(unlink(in_folder("bare")), 0);
}

static void the_mode_follows_the_umask(void **state)
{
    (void)state;
    struct error err = {0};
    struct stat status;
    mode_t old = umask(027);
    assert_true(file_write(in_folder("a"), "x", 1, &err));
    umask(old);
    assert_int_equal(stat(in_folder("a"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    unlink(in_folder("a"));
}

static void a_longer_file_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t *bytes;
    size_t len;
    assert_true(file_write(in_folder("a"), "12345", 5, &err));
    assert_false(file_read(&bytes, &len, in_folder("a"), 4, &err));
    assert_int_equal(err.code, ERROR_FILE);
    assert_non_null(strstr(err.text, "longer than the 4 bytes"));
    unlink(in_folder("a"));
}

static void a_pipe_is_read_to_its_end_and_bounded(void **state)
{
    (void)state;
    struct error err = {0};
    int ends[2];
    char path[32];
    char sent[6000];
    memset(sent, 'x', sizeof sent);
    for (int fits = 0; fits < 2; fits++) {
        uint8_t *bytes;
        size_t len;
        assert_int_equal(pipe(ends), 0);
        (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
        assert_int_equal(write(ends[1], sent, sizeof sent), sizeof sent);
        close(ends[1]);
        if (fits) {
            assert_true(file_read(&bytes, &len, path, sizeof sent, &err));
            assert_int_equal(len, sizeof sent);
            free(bytes);
        } else {
            assert_false(file_read(&bytes, &len, path, sizeof sent - 1, &err));
            err = (struct error){0};
        }
        close(ends[0]);
    }
}

static void what_cannot_be_opened_is_named(void **state)
{
    (void)state;
    struct error err = {0};
    uint8_t *bytes;
    size_t len;
    assert_false(file_read(&bytes, &len, "no/such/file", 10, &err));
    assert_string_equal(err.text, "cannot open 'no/such/file': No such file or directory");
    err = (struct error){0};
    assert_false(file_read(&bytes, &len, folder, 10, &err));
    assert_non_null(strstr(err.text, "Is a directory"));
}

static void what_cannot_be_looked_at_is_not_taken_for_absent(void **state)
{
    (void)state;
    struct error err = {0};
    bool is_there = false;
    assert_true(file_exists(&is_there, folder, &err));
    assert_true(is_there);
    assert_true(file_exists(&is_there, in_folder("none"), &err));
    assert_false(is_there);
    assert_true(file_exists(&is_there, "/dev/null/none", &err));
    assert_false(is_there);
    const char *loop = in_folder("loop");
    assert_int_equal(symlink("loop", loop), 0);
    assert_false(file_exists(&is_there, loop, &err));
    assert_int_equal(err.code, ERROR_FILE);
    assert_non_null(strstr(err.text, "loop': Too many levels of symbolic links"));
    unlink(loop);
}

static void a_failed_write_leaves_nothing(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(file_write("no/such/folder/file", "x", 1, &err));
    assert_string_equal(err.text, "cannot write 'no/such/folder/file': No such file or directory");
    err = (struct error){0};
    /* The rename fails: a file cannot take a folder's place. */
    assert_int_equal(mkdir(in_folder("sub"), 0700), 0);
    assert_false(file_write(in_folder("sub"), "x", 1, &err));
    assert_int_equal(files_in_folder(), 1);
    rmdir(in_folder("sub"));
}

static void sha256_is_the_standards(void **state)
{
    (void)state;
    char text[FILE_SHA256_SIZE];
    file_sha256(text, "abc", 3); /* FIPS 180-4's own example */
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    file_sha256(text, "", 0);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_bare_name_is_written_where_we_are),
        cmocka_unit_test(the_mode_follows_the_umask),
        cmocka_unit_test(a_longer_file_is_refused),
        cmocka_unit_test(a_pipe_is_read_to_its_end_and_bounded),
        cmocka_unit_test(what_cannot_be_opened_is_named),
        cmocka_unit_test(what_cannot_be_looked_at_is_not_taken_for_absent),
        cmocka_unit_test(a_failed_write_leaves_nothing),
        cmocka_unit_test(sha256_is_the_standards),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/*
 * Models in stores and copies of them: weights and card go together, come together, and a copy that
 * is not whole is never taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/model.h"
#include "model/publish.h"
#include "model/publish/name.h"
#include "tests/unit/small_model.h"

enum { VERSIONS = 3, PROCESSES = 3, ROUNDS = 15 };

static char folder[64], store[80], cache[80], url[96];
static char local[VERSIONS][96];
static char sha256[VERSIONS][FILE_SHA256_SIZE];

/* Three models at hand: m0, m1, m2; and an empty store. */
static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/digit-publish-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(store, sizeof store, "%s/store", folder);
    (void)snprintf(cache, sizeof cache, "%s/deep/cache", folder);
    (void)snprintf(url, sizeof url, "%s/store/m.pth", folder);
    for (int i = 0; i < VERSIONS; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "m%d", i);
        (void)snprintf(local[i], sizeof local[i], "%s/%s.pth", folder, name);
        if (!small_model(folder, name, (float)i, sha256[i]))
            return 1;
    }
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    small_remove(folder);
    return 0;
}

static void publish(int version)
{
    struct error err = {0};
    assert_true(publish_model(local[version], url, NULL, &err));
}

static void assert_is(const char *path, int version)
{
    struct error err = {0};
    struct model model;
    assert_true(model_load(&model, path, &err));
    assert_string_equal(model.sha256, sha256[version]);
    model_free(&model);
}

static void damage(const char *path)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 2000, SEEK_SET), 0);
    assert_int_equal(fputc(0x55, file), 0x55);
    assert_int_equal(fclose(file), 0);
}

static const char *card_of(const char *weights)
{
    static char paths[2][PUBLISH_PATH_SIZE];
    static size_t next;
    char *path = paths[next++ % 2];
    (void)snprintf(path, PUBLISH_PATH_SIZE, "%.*s.json", (int)strlen(weights) - 4, weights);
    return path;
}

static void weights_and_card_are_published(void **state)
{
    (void)state;
    publish(0);
    assert_is(url, 0);
    publish(1);
    assert_is(url, 1);
    assert_int_equal(small_count(store), 2);
}

static void names_that_do_not_fit(void **state)
{
    (void)state;
    static const char *const weights[] = {"mn.pth", "a/mn.pth"};
    static const char *const cards[] = {"mn.json", "a/mn.json"};
    for (size_t i = 0; i < 2; i++)
        for (size_t size = 0; size < 16; size++) {
            char out[16];
            struct error err = {0};
            assert_int_equal(name_card(out, size, weights[i], &err), size > strlen(cards[i]));
            if (size > strlen(cards[i]))
                assert_string_equal(out, cards[i]);
            assert_int_equal(name_stem(out, size, weights[i], &err), size > 2);
            assert_int_equal(err.code, size > strlen(cards[i]) ? ERROR_NONE : ERROR_BAD_ARGUMENT);
        }
}

/* Whatever does not fit behind it: a cache is used or refused, and a copy's path is whole. */
static void caches_with_long_paths(void **state)
{
    (void)state;
    static char deep[PUBLISH_PATH_SIZE + 16];
    size_t used = 0;
    publish(0);
    for (size_t len = PUBLISH_PATH_SIZE - 160; len < PUBLISH_PATH_SIZE + 2; len++) {
        char path[PUBLISH_PATH_SIZE];
        struct error err = {0};
        memset(deep, 'a', len);
        for (size_t slash = 128; slash + 128 < len; slash += 128)
            deep[slash] = '/';
        memcpy(deep, folder, strlen(folder));
        deep[strlen(folder)] = '/';
        deep[len] = '\0';
        const bool fetched = publish_fetch(path, url, deep, NULL, &err);
        if (fetched)
            assert_is(path, 0);
        else
            assert_true(err.code == ERROR_BAD_ARGUMENT || err.code == ERROR_FILE);
        used += fetched;
        assert_int_equal(publish_cached(path, url, deep, &err), fetched);
    }
    assert_true(used > 0);
}

static void what_does_not_belong_together_is_not_published(void **state)
{
    (void)state;
    struct error err = {0};
    publish(0);
    assert_true(store_publish(local[2], local[1], NULL, &err));
    assert_false(publish_model(local[1], url, NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_MODEL);
    assert_is(url, 0);
    err = (struct error){0};
    assert_int_equal(unlink(card_of(local[1])), 0);
    assert_false(publish_model(local[1], url, NULL, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "has no card"));
    err = (struct error){0};
    assert_false(publish_model(local[2], "/tmp/x.bin", NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    assert_is(url, 0);
    assert_int_equal(small_count(store), 2);
}

/* The card's place is taken by a folder: its rename fails when the weights are in place already. */
static void the_old_weights_return_when_the_card_cannot_be_replaced(void **state)
{
    (void)state;
    struct error err = {0};
    for (int was_there = 0; was_there < 2; was_there++) {
        err = (struct error){0};
        if (was_there)
            publish(0);
        (void)unlink(card_of(url));
        assert_int_equal(mkdir(store, 0700) == 0 || was_there, true);
        assert_int_equal(mkdir(card_of(url), 0700), 0);
        assert_false(publish_model(local[1], url, NULL, &err));
        assert_int_equal(err.code, ERROR_FILE);
        assert_non_null(strstr(err.text, "what was there before is there again"));
        assert_int_equal(small_count(store), was_there ? 2 : 1);
        assert_int_equal(rmdir(card_of(url)), 0);
    }
    struct error unsaid = {0};
    uint8_t *bytes;
    size_t len;
    char found[FILE_SHA256_SIZE];
    assert_true(file_read(&bytes, &len, url, 1 << 24, &unsaid));
    file_sha256(found, bytes, len);
    free(bytes);
    assert_string_equal(found, sha256[0]);
}

static void a_copy_comes_and_is_kept_with_the_one_before_it(void **state)
{
    (void)state;
    struct error err = {0};
    char path[VERSIONS][PUBLISH_PATH_SIZE], again[PUBLISH_PATH_SIZE];
    assert_false(publish_cached(again, url, cache, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_int_not_equal(access(cache, F_OK), 0);
    err = (struct error){0};
    for (int i = 0; i < VERSIONS; i++) {
        publish(i);
        assert_true(publish_fetch(path[i], url, cache, NULL, &err));
        assert_is(path[i], i);
        assert_true(publish_cached(again, url, cache, &err));
        assert_string_equal(again, path[i]);
    }
    assert_is(path[1], 1);
    assert_int_not_equal(access(path[0], F_OK), 0);

    /* Back to the one before: it is there already, and it is the current one now. */
    publish(1);
    assert_true(publish_fetch(again, url, cache, NULL, &err));
    assert_string_equal(again, path[1]);
    assert_true(publish_cached(again, url, cache, &err));
    assert_string_equal(again, path[1]);
    assert_is(path[2], 2);
}

static void what_the_cache_has_is_not_fetched(void **state)
{
    (void)state;
    struct error err = {0};
    char path[PUBLISH_PATH_SIZE], again[PUBLISH_PATH_SIZE];
    publish(0);
    assert_true(publish_fetch(path, url, cache, NULL, &err));
    assert_int_equal(unlink(url), 0);
    assert_true(publish_fetch(again, url, cache, NULL, &err));
    assert_string_equal(again, path);
}

static void a_damaged_copy_is_not_taken(void **state)
{
    (void)state;
    struct error err = {0};
    char old[PUBLISH_PATH_SIZE], path[PUBLISH_PATH_SIZE], again[PUBLISH_PATH_SIZE];
    publish(0);
    assert_true(publish_fetch(old, url, cache, NULL, &err));
    publish(1);
    assert_true(publish_fetch(path, url, cache, NULL, &err));
    damage(path);
    assert_true(publish_cached(again, url, cache, &err));
    assert_string_equal(again, old);
    assert_true(publish_fetch(again, url, cache, NULL, &err));
    assert_string_equal(again, path);
    assert_is(again, 1);
    damage(path);
    damage(old);
    assert_false(publish_cached(again, url, cache, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void a_pair_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    char path[PUBLISH_PATH_SIZE], again[PUBLISH_PATH_SIZE];
    publish(0);
    assert_true(publish_fetch(path, url, cache, NULL, &err));
    assert_true(store_publish(card_of(local[1]), card_of(url), NULL, &err));
    assert_false(publish_fetch(again, url, cache, NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_MODEL);
    assert_non_null(strstr(err.text, "are not those of the card"));
    err = (struct error){0};
    assert_true(publish_cached(again, url, cache, &err));
    assert_string_equal(again, path);
    assert_int_equal(unlink(card_of(url)), 0);
    assert_false(publish_fetch(again, url, cache, NULL, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    err = (struct error){0};
    assert_true(file_write(card_of(url), "{}", 2, &err));
    assert_false(publish_fetch(again, url, cache, NULL, &err));
    assert_int_equal(err.code, ERROR_BAD_MODEL);
}

/* A folder of that name, and a card that no model has. */
static void what_is_no_model_is_not_fetched(void **state)
{
    (void)state;
    struct error err = {0};
    char path[PUBLISH_PATH_SIZE];
    publish(0);
    assert_int_equal(truncate(card_of(url), 2 << 20), 0);
    assert_false(publish_fetch(path, url, cache, NULL, &err));
    assert_int_equal(unlink(card_of(url)), 0);
    assert_int_equal(mkdir(card_of(url), 0755), 0);
    err = (struct error){0};
    assert_false(publish_fetch(path, url, cache, NULL, &err));
    assert_int_equal(rmdir(card_of(url)), 0);
}

static int fetch_often(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct error err = {0};
        char path[PUBLISH_PATH_SIZE];
        if (!publish_fetch(path, url, cache, NULL, &err) && err.code != ERROR_STORE_DOWN) {
            (void)fprintf(stderr, "%s\n", err.text);
            return 1;
        }
        err = (struct error){0};
        if (!publish_cached(path, url, cache, &err)) {
            (void)fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    }
    return 0;
}

static void processes_share_the_cache_while_models_come(void **state)
{
    (void)state;
    struct error err = {0};
    char path[PUBLISH_PATH_SIZE];
    pid_t children[PROCESSES];
    publish(0);
    assert_true(publish_fetch(path, url, cache, NULL, &err));
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(fetch_often());
    }
    for (int i = 0; i < 2 * ROUNDS; i++)
        publish(i % VERSIONS);
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    publish(1);
    assert_true(publish_fetch(path, url, cache, NULL, &err));
    assert_is(path, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(weights_and_card_are_published),
        TEST(names_that_do_not_fit),
        TEST(caches_with_long_paths),
        TEST(what_does_not_belong_together_is_not_published),
        TEST(the_old_weights_return_when_the_card_cannot_be_replaced),
        TEST(a_copy_comes_and_is_kept_with_the_one_before_it),
        TEST(what_the_cache_has_is_not_fetched),
        TEST(a_damaged_copy_is_not_taken),
        TEST(a_pair_that_does_not_fit_is_refused),
        TEST(what_is_no_model_is_not_fetched),
        TEST(processes_share_the_cache_while_models_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Models: weights and card are taken together or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/card.h"
#include "model/model.h"

static char folder[] = "/tmp/digit-model-XXXXXX";
static char weights_path[64], card_path[64];

static const char *in_folder(const char *name)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* The network's weights, all of them `value`, in a file; its SHA-256 into `sha256`. */
static void write_weights_of(const char *network, const char *path, float value,
                             char sha256[FILE_SHA256_SIZE])
{
    struct error err = {0};
    struct network net;
    struct parameter p;
    struct checkpoint *c;
    uint8_t *bytes;
    size_t len;
    assert_true(network_named(&net, network, &err));
    size_t count = network_parameter_count(&net);
    float *numbers = malloc(count * sizeof *numbers);
    assert_non_null(numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = value;
    assert_true(checkpoint_new(&c, &err));
    for (size_t i = 0; network_parameter(&net, i, &p); i++)
        assert_true(checkpoint_add(c, p.name, p.shape, p.rank, numbers, &err));
    assert_true(checkpoint_write(c, path, &err));
    assert_true(file_read(&bytes, &len, path, SIZE_MAX / 4, &err));
    file_sha256(sha256, bytes, len);
    free(bytes);
    free(numbers);
    checkpoint_close(c);
}

static void write_weights(const char *path, float value, char sha256[FILE_SHA256_SIZE])
{
    write_weights_of("cnn", path, value, sha256);
}

static void write_card(const char *path, const char *sha256)
{
    struct error err = {0};
    struct card card = {
        .name = "published", .trained = true, .test_images = 100, .test_accuracy = 0.99};
    char *json;
    memcpy(card.sha256, sha256, FILE_SHA256_SIZE);
    assert_true(network_named(&card.network, "cnn", &err));
    assert_true(card_format(&json, &card, &err));
    assert_true(file_write(path, json, strlen(json), &err));
    free(json);
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(weights_path, sizeof weights_path, "%s/mine.pth", folder);
    (void)snprintf(card_path, sizeof card_path, "%s/mine.json", folder);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(weights_path);
    unlink(card_path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void expect_failure(const char *path, enum error_code code, const char *words)
{
    struct error err = {0};
    struct model m;
    assert_false(model_load(&m, path, &err));
    assert_int_equal(err.code, code);
    assert_null(m.weights);
    assert_null(m.card);
    if (strstr(err.text, words) == NULL)
        fail_msg("expected '%s' in '%s'", words, err.text);
}

static void weights_and_card_are_loaded(void **state)
{
    (void)state;
    struct error err = {0};
    struct model m;
    char sha256[FILE_SHA256_SIZE];
    write_weights(weights_path, 0.5f, sha256);
    write_card(card_path, sha256);
    if (!model_load(&m, weights_path, &err))
        fail_msg("%s", err.text);
    assert_string_equal(m.name, "published");
    assert_string_equal(m.sha256, sha256);
    assert_int_equal(strlen(m.version), MODEL_VERSION_SIZE - 1);
    assert_memory_equal(m.version, sha256, MODEL_VERSION_SIZE - 1);
    assert_string_equal(m.network.name, "cnn");
    assert_int_equal(m.network.layers[9].output.channels, 10);
    assert_true(checkpoint_find(m.weights, "fc2.bias")->data[9] == 0.5f);
    assert_non_null(strstr(m.card, "\"accuracy\": 0.99"));
    model_free(&m);
    model_free(&m);
}

static void a_card_is_made_up_where_there_is_none(void **state)
{
    (void)state;
    const char *network;
    for (size_t i = 0; (network = network_builtin(i)) != NULL; i++) {
        struct error err = {0};
        struct model m;
        struct card card;
        char sha256[FILE_SHA256_SIZE];
        write_weights_of(network, weights_path, 0.5f, sha256);
        if (!model_load(&m, weights_path, &err))
            fail_msg("%s", err.text);
        assert_string_equal(m.name, "mine");
        assert_string_equal(m.network.name, network);
        assert_true(card_parse(&card, m.card, strlen(m.card), &err));
        assert_string_equal(card.name, "mine");
        assert_string_equal(card.sha256, sha256);
        assert_memory_equal(&card.network, &m.network, sizeof m.network);
        model_free(&m);
    }
}

static void a_path_may_end_in_anything(void **state)
{
    (void)state;
    struct error err = {0};
    struct model m;
    char sha256[FILE_SHA256_SIZE], path[64];
    (void)snprintf(path, sizeof path, "%s", in_folder("weights"));
    write_weights(path, 0.5f, sha256);
    write_card(in_folder("weights.json"), sha256);
    assert_true(model_load(&m, path, &err));
    assert_string_equal(m.name, "published");
    model_free(&m);
    unlink(path);
    unlink(in_folder("weights.json"));
}

static void a_card_of_other_weights_is_refused(void **state)
{
    (void)state;
    char sha256[FILE_SHA256_SIZE], other[FILE_SHA256_SIZE];
    write_weights(weights_path, 0.25f, other);
    write_weights(weights_path, 0.5f, sha256);
    assert_string_not_equal(sha256, other);
    write_card(card_path, other);
    expect_failure(weights_path, ERROR_BAD_MODEL, "belongs to other weights");
    expect_failure(weights_path, ERROR_BAD_MODEL, "publish both together");
}

static void a_broken_card_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    char sha256[FILE_SHA256_SIZE];
    write_weights(weights_path, 0.5f, sha256);
    assert_true(file_write(card_path, "{", 1, &err));
    expect_failure(weights_path, ERROR_BAD_MODEL, "mine.json': it is not JSON");
}

static void foreign_weights_are_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct checkpoint *c;
    char sha256[FILE_SHA256_SIZE];
    uint8_t *bytes;
    size_t len;
    expect_failure("no/such.pth", ERROR_FILE,
                   "cannot open 'no/such.pth': No such file or directory; name a .pth file with "
                   "--model");
    assert_true(file_write(weights_path, "hello", 5, &err));
    expect_failure(weights_path, ERROR_BAD_MODEL, "mine.pth': it is text");

    assert_true(checkpoint_new(&c, &err));
    assert_true(checkpoint_add(c, "fc.weight", (size_t[]){1}, 1, &(float){1}, &err));
    assert_true(checkpoint_write(c, weights_path, &err));
    checkpoint_close(c);
    expect_failure(weights_path, ERROR_BAD_MODEL, "fits no built-in network: network 'cnn'");

    assert_true(file_read(&bytes, &len, weights_path, SIZE_MAX / 4, &err));
    file_sha256(sha256, bytes, len);
    free(bytes);
    write_card(card_path, sha256);
    expect_failure(weights_path, ERROR_BAD_MODEL,
                   "does not fit its card: network 'cnn' needs a tensor 'conv1.weight'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(weights_and_card_are_loaded, remove_files),
        cmocka_unit_test_teardown(a_card_is_made_up_where_there_is_none, remove_files),
        cmocka_unit_test_teardown(a_path_may_end_in_anything, remove_files),
        cmocka_unit_test_teardown(a_card_of_other_weights_is_refused, remove_files),
        cmocka_unit_test_teardown(a_broken_card_is_refused, remove_files),
        cmocka_unit_test_teardown(foreign_weights_are_refused, remove_files),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

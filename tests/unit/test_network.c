/*
 * Networks as data: shapes that follow from layers, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/checkpoint.h"
#include "model/network.h"

static void cnn_has_the_shapes_and_parameters_that_pytorch_gives_it(void **state)
{
    (void)state;
    static const struct parameter expected[] = {
        {"conv1.weight", 4, {32, 1, 3, 3}},  {"conv1.bias", 1, {32}},
        {"conv2.weight", 4, {64, 32, 3, 3}}, {"conv2.bias", 1, {64}},
        {"fc1.weight", 2, {128, 3136}},      {"fc1.bias", 1, {128}},
        {"fc2.weight", 2, {10, 128}},        {"fc2.bias", 1, {10}},
    };
    struct error err = {0};
    struct network net;
    struct parameter p;
    assert_true(network_named(&net, "cnn", &err));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(network_parameter(&net, i, &p));
        assert_string_equal(p.name, expected[i].name);
        assert_int_equal(p.rank, expected[i].rank);
        assert_memory_equal(p.shape, expected[i].shape, p.rank * sizeof *p.shape);
    }
    assert_false(network_parameter(&net, 8, &p));
    assert_int_equal(network_parameter_count(&net), 421642);
    const struct shape *pooled = &net.layers[5].output;
    assert_int_equal(pooled->channels, 64);
    assert_int_equal(pooled->height, 7);
    assert_int_equal(pooled->width, 7);
}

static void every_builtin_can_be_named(void **state)
{
    (void)state;
    struct error err = {0};
    struct network net;
    for (size_t i = 0; network_builtin(i) != NULL; i++) {
        assert_true(network_named(&net, network_builtin(i), &err));
        assert_string_equal(net.name, network_builtin(i));
    }
    assert_false(network_named(&net, "resnet", &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    assert_non_null(strstr(err.text, "cnn"));
}

static void layer_kinds_go_by_name_both_ways(void **state)
{
    (void)state;
    for (enum layer_kind kind = 0; kind < LAYER_KINDS; kind++)
        assert_int_equal(layer_kind_named(layer_kind_name(kind)), kind);
    assert_int_equal(layer_kind_named("attention"), LAYER_KINDS);
}

static const struct refused {
    const char *words;
    struct layer layers[3];
    size_t count;
} refused[] = {
    {"layer 1 (conv2d ): it needs a name", {{.kind = LAYER_CONV2D, .out = 1, .kernel = 3}}, 1},
    {"layer 3 (linear a): it needs a name of its own",
     {{.kind = LAYER_CONV2D, .name = "a", .out = 1, .kernel = 3},
      {.kind = LAYER_FLATTEN},
      {.kind = LAYER_LINEAR, .name = "a", .out = 10}},
     3},
    {"number of outputs", {{.kind = LAYER_CONV2D, .name = "a", .kernel = 3}}, 1},
    {"number of outputs", {{.kind = LAYER_CONV2D, .name = "a", .out = SIZE_MAX, .kernel = 3}}, 1},
    {"out of range", {{.kind = LAYER_CONV2D, .name = "a", .out = 1}}, 1},
    {"out of range", {{.kind = LAYER_CONV2D, .name = "a", .out = 1, .kernel = 3, .padding = 3}}, 1},
    {"out of range", {{.kind = LAYER_MAXPOOL2D, .kernel = SIZE_MAX}}, 1},
    {"does not fit", {{.kind = LAYER_MAXPOOL2D, .kernel = 29}}, 1},
    {"too large", {{.kind = LAYER_CONV2D, .name = "a", .out = 1 << 20, .kernel = 3}}, 1},
    {"not flat", {{.kind = LAYER_LINEAR, .name = "a", .out = 10}}, 1},
    {"probability", {{.kind = LAYER_DROPOUT, .probability = 1.0f}}, 1},
    {"probability", {{.kind = LAYER_DROPOUT, .probability = -0.1f}}, 1},
    {"gives 784x1x1 values, not 10", {{.kind = LAYER_FLATTEN}}, 1},
    {"gives 1x28x28 values, not 10", {{.kind = LAYER_RELU}}, 1},
};

static void layers_that_do_not_fit_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct error err = {0};
        struct network net = {.name = "test", .count = refused[i].count};
        memcpy(net.layers, refused[i].layers, sizeof refused[i].layers);
        assert_false(network_infer(&net, &err));
        assert_int_equal(err.code, ERROR_BAD_MODEL);
        if (strstr(err.text, refused[i].words) == NULL)
            fail_msg("expected '%s' in '%s'", refused[i].words, err.text);
    }
}

/* All parameters of the network; the one called `odd` in another shape, `missing` left out. */
static struct checkpoint *weights_of(const struct network *net, const char *odd,
                                     const char *missing)
{
    struct error err = {0};
    struct checkpoint *c;
    struct parameter p;
    float *zeros = calloc(network_parameter_count(net), sizeof *zeros);
    assert_true(checkpoint_new(&c, &err));
    for (size_t i = 0; network_parameter(net, i, &p); i++) {
        if (strcmp(p.name, missing) == 0)
            continue;
        p.shape[0] += strcmp(p.name, odd) == 0;
        assert_true(checkpoint_add(c, p.name, p.shape, p.rank, zeros, &err));
    }
    free(zeros);
    return c;
}

static void weights_must_fit_exactly(void **state)
{
    (void)state;
    struct error err = {0};
    struct network net;
    assert_true(network_named(&net, "cnn", &err));

    struct checkpoint *c = weights_of(&net, "", "");
    assert_true(network_check(&net, c, &err));
    assert_true(checkpoint_add(c, "extra", (size_t[]){1}, 1, &(float){1}, &err));
    assert_false(network_check(&net, c, &err));
    assert_string_equal(err.text, "network 'cnn' has 8 tensors; there are 9");
    checkpoint_close(c);

    err = (struct error){0};
    c = weights_of(&net, "", "fc1.bias");
    assert_false(network_check(&net, c, &err));
    assert_string_equal(err.text, "network 'cnn' needs a tensor 'fc1.bias'; there is none");
    checkpoint_close(c);

    err = (struct error){0};
    c = weights_of(&net, "fc2.bias", "");
    assert_false(network_check(&net, c, &err));
    assert_string_equal(err.text, "network 'cnn' needs 'fc2.bias' of 10; it is 11");
    checkpoint_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cnn_has_the_shapes_and_parameters_that_pytorch_gives_it),
        cmocka_unit_test(every_builtin_can_be_named),
        cmocka_unit_test(layer_kinds_go_by_name_both_ways),
        cmocka_unit_test(layers_that_do_not_fit_are_named),
        cmocka_unit_test(weights_must_fit_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

/* What PyTorch says of the same modules. */
static const struct known {
    const char *name;
    size_t parameter_count;
    struct parameter parameters[10];
    size_t place; /* of a layer whose output is told */
    struct shape output;
} known[] = {
    {"cnn",
     421642,
     {{"conv1.weight", 4, {32, 1, 3, 3}},
      {"conv1.bias", 1, {32}},
      {"conv2.weight", 4, {64, 32, 3, 3}},
      {"conv2.bias", 1, {64}},
      {"fc1.weight", 2, {128, 3136}},
      {"fc1.bias", 1, {128}},
      {"fc2.weight", 2, {10, 128}},
      {"fc2.bias", 1, {10}}},
     5,
     {64, 7, 7}},
    {"lenet",
     61706,
     {{"conv1.weight", 4, {6, 1, 5, 5}},
      {"conv1.bias", 1, {6}},
      {"conv2.weight", 4, {16, 6, 5, 5}},
      {"conv2.bias", 1, {16}},
      {"conv3.weight", 4, {120, 16, 5, 5}},
      {"conv3.bias", 1, {120}},
      {"fc1.weight", 2, {84, 120}},
      {"fc1.bias", 1, {84}},
      {"fc2.weight", 2, {10, 84}},
      {"fc2.bias", 1, {10}}},
     5,
     {16, 5, 5}},
    {"mlp",
     407050,
     {{"fc1.weight", 2, {512, 784}},
      {"fc1.bias", 1, {512}},
      {"fc2.weight", 2, {10, 512}},
      {"fc2.bias", 1, {10}}},
     0,
     {784, 1, 1}},
};

static void builtins_have_the_parameters_that_pytorch_gives_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct error err = {0};
        struct network net;
        struct parameter p;
        assert_string_equal(network_builtin(i), known[i].name);
        assert_true(network_named(&net, known[i].name, &err));
        assert_int_equal(network_parameter_count(&net), known[i].parameter_count);
        assert_memory_equal(&net.layers[known[i].place].output, &known[i].output,
                            sizeof known[i].output);
        size_t count = 0;
        for (; network_parameter(&net, count, &p); count++) {
            const struct parameter *want = &known[i].parameters[count];
            assert_string_equal(p.name, want->name);
            assert_int_equal(p.rank, want->rank);
            assert_memory_equal(p.shape, want->shape, p.rank * sizeof *p.shape);
        }
        assert_true(count == 10 || known[i].parameters[count].rank == 0);
    }
    assert_null(network_builtin(sizeof known / sizeof *known));
}

static void lenet_and_mlp_end_as_they_should(void **state)
{
    (void)state;
    struct error err = {0};
    struct network net;
    assert_true(network_named(&net, "lenet", &err));
    assert_int_equal(net.layers[net.count - 1].kind, LAYER_LOG_SOFTMAX);
    assert_int_equal(net.layers[net.count - 3].kind, LAYER_DROPOUT);
    assert_true(net.layers[net.count - 3].probability == 0.5f);
    assert_true(network_named(&net, "mlp", &err));
    assert_int_equal(net.layers[net.count - 1].kind, LAYER_SOFTMAX);
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
    assert_string_equal(err.text, "there is no network 'resnet'; there is: cnn, lenet, mlp");
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
    {"layer 1 (conv2d): it needs a name", {{.kind = LAYER_CONV2D, .out = 1, .kernel = 3}}, 1},
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
        cmocka_unit_test(builtins_have_the_parameters_that_pytorch_gives_them),
        cmocka_unit_test(lenet_and_mlp_end_as_they_should),
        cmocka_unit_test(every_builtin_can_be_named),
        cmocka_unit_test(layer_kinds_go_by_name_both_ways),
        cmocka_unit_test(layers_that_do_not_fit_are_named),
        cmocka_unit_test(weights_must_fit_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The libtorch engine against plain loops: every kind of layer, each way a network can end, batches
 * larger than it computes at once, and many threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/engine.h"

enum { FEATURES_MAX = 4 * DIGIT_PIXELS, IMAGES = 300, THREADS = 4 };

static float random_float(void)
{
    static uint32_t state = 12345;
    state = state * 1664525 + 1013904223;
    return (float)(state >> 8) / (float)(1 << 24);
}

static struct network network_ending_in(const struct layer *last, size_t last_count)
{
    struct network net = {
        .name = "odd",
        .count = 9,
        .layers =
            {
                {.kind = LAYER_CONV2D, .name = "a", .out = 4, .kernel = 5, .padding = 2},
                {.kind = LAYER_RELU},
                {.kind = LAYER_MAXPOOL2D, .kernel = 3}, /* 28 -> 9: an edge is dropped */
                {.kind = LAYER_CONV2D, .name = "b", .out = 3, .kernel = 3},
                {.kind = LAYER_FLATTEN},
                {.kind = LAYER_DROPOUT, .probability = 0.5f},
                {.kind = LAYER_LINEAR, .name = "c", .out = 16},
                {.kind = LAYER_RELU},
                {.kind = LAYER_LINEAR, .name = "d", .out = DIGIT_CLASSES},
            },
    };
    struct error err = {0};
    for (size_t i = 0; i < last_count; i++)
        net.layers[net.count++] = last[i];
    if (!network_infer(&net, &err))
        fail_msg("%s", err.text);
    return net;
}

static struct checkpoint *random_weights(const struct network *net)
{
    static float values[64 * 1024];
    struct checkpoint *weights;
    struct error err = {0};
    struct parameter p;
    assert_true(checkpoint_new(&weights, &err));
    for (size_t i = 0; network_parameter(net, i, &p); i++) {
        size_t count = 1;
        for (size_t d = 0; d < p.rank; d++)
            count *= p.shape[d];
        assert_true(count <= sizeof values / sizeof *values);
        for (size_t j = 0; j < count; j++)
            values[j] = random_float() - 0.5f;
        assert_true(checkpoint_add(weights, p.name, p.shape, p.rank, values, &err));
    }
    return weights;
}

static const float *data_of(const struct checkpoint *weights, const struct layer *l,
                            const char *what)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s.%s", l->name, what);
    return checkpoint_find(weights, name)->data;
}

static double conv_at(const struct layer *l, const float *w, const double *in, size_t o, size_t y,
                      size_t x)
{
    double sum = 0;
    for (size_t c = 0; c < l->input.channels; c++)
        for (size_t i = 0; i < l->kernel; i++)
            for (size_t j = 0; j < l->kernel; j++) {
                size_t row = y + i - l->padding, column = x + j - l->padding;
                if (row < l->input.height && column < l->input.width)
                    sum +=
                        (double)w[((o * l->input.channels + c) * l->kernel + i) * l->kernel + j] *
                        in[(c * l->input.height + row) * l->input.width + column];
            }
    return sum;
}

static double max_at(const struct layer *l, const double *in, size_t c, size_t y, size_t x)
{
    double max = -INFINITY;
    for (size_t i = 0; i < l->kernel; i++)
        for (size_t j = 0; j < l->kernel; j++)
            max = fmax(
                max,
                in[(c * l->input.height + y * l->kernel + i) * l->input.width + x * l->kernel + j]);
    return max;
}

static double linear_at(const struct layer *l, const float *w, const double *in, size_t o)
{
    double sum = 0;
    for (size_t i = 0; i < l->input.channels; i++)
        sum += (double)w[o * l->input.channels + i] * in[i];
    return sum;
}

static void layer_plainly(double *out, const struct layer *l, const struct checkpoint *weights,
                          const double *in)
{
    bool has_weights = l->kind == LAYER_CONV2D || l->kind == LAYER_LINEAR;
    const float *w = has_weights ? data_of(weights, l, "weight") : NULL;
    const float *b = has_weights ? data_of(weights, l, "bias") : NULL;
    size_t at = 0;
    for (size_t c = 0; c < l->output.channels; c++)
        for (size_t y = 0; y < l->output.height; y++)
            for (size_t x = 0; x < l->output.width; x++, at++) {
                if (l->kind == LAYER_CONV2D)
                    out[at] = (double)b[c] + conv_at(l, w, in, c, y, x);
                else if (l->kind == LAYER_LINEAR)
                    out[at] = (double)b[c] + linear_at(l, w, in, c);
                else if (l->kind == LAYER_MAXPOOL2D)
                    out[at] = max_at(l, in, c, y, x);
                else
                    out[at] = l->kind == LAYER_RELU ? fmax(in[at], 0) : in[at];
            }
}

/* Softmax of what comes before the ending is right for each of the endings here. */
static void predict_plainly(float *out, const struct network *net, const struct checkpoint *weights,
                            const float *pixels)
{
    static double from[FEATURES_MAX], to[FEATURES_MAX];
    double sum = 0;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        from[i] = (double)pixels[i];
    for (size_t i = 0; i < net->count; i++) {
        layer_plainly(to, &net->layers[i], weights, from);
        memcpy(from, to, sizeof from);
    }
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        sum += exp(from[i]);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        out[i] = (float)(exp(from[i]) / sum);
}

static struct engine *opened(const struct network *net, const struct checkpoint *weights)
{
    struct engine *engine;
    struct error err = {0};
    if (!engine_open(&engine, "torch", net, weights, NULL, &err))
        fail_msg("%s", err.text);
    return engine;
}

static void assert_near(const float *got, const float *want, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(got[i] - want[i]) <= 1e-5f))
            fail_msg("at %zu: %.9g is not %.9g", i, (double)got[i], (double)want[i]);
}

static void agrees(const struct network *net)
{
    struct checkpoint *weights = random_weights(net);
    struct engine *engine = opened(net, weights);
    float pixels[3 * DIGIT_PIXELS], got[3 * DIGIT_CLASSES], want[3 * DIGIT_CLASSES];
    struct error err = {0};
    for (size_t i = 0; i < 3 * DIGIT_PIXELS; i++)
        pixels[i] = random_float();
    for (size_t i = 0; i < 3; i++)
        predict_plainly(want + i * DIGIT_CLASSES, net, weights, pixels + i * DIGIT_PIXELS);
    checkpoint_close(weights); /* it is not kept */
    assert_true(engine_predict(engine, pixels, 3, got, &err));
    assert_near(got, want, 3 * DIGIT_CLASSES);
    engine_close(engine);
}

static void agrees_ending_in(const struct layer *last, size_t last_count)
{
    struct network net = network_ending_in(last, last_count);
    agrees(&net);
}

/* A flat vector is planes of one pixel, and the other way round. */
static void test_flat_or_not(void **state)
{
    (void)state;
    struct error err = {0};
    struct network net = {
        .name = "flat",
        .count = 6,
        .layers =
            {
                {.kind = LAYER_CONV2D, .name = "a", .out = 20, .kernel = 28},
                {.kind = LAYER_RELU},
                {.kind = LAYER_LINEAR, .name = "b", .out = 30},
                {.kind = LAYER_MAXPOOL2D, .kernel = 1},
                {.kind = LAYER_CONV2D, .name = "c", .out = DIGIT_CLASSES, .kernel = 1},
                {.kind = LAYER_LOG_SOFTMAX},
            },
    };
    assert_true(network_infer(&net, &err));
    agrees(&net);
}

static void test_endings(void **state)
{
    (void)state;
    static const struct layer softmax = {.kind = LAYER_SOFTMAX};
    static const struct layer log_softmax = {.kind = LAYER_LOG_SOFTMAX};
    static const struct layer both[] = {{.kind = LAYER_SOFTMAX},
                                        {.kind = LAYER_DROPOUT, .probability = 0.5f}};
    agrees_ending_in(NULL, 0);
    agrees_ending_in(&softmax, 1);
    agrees_ending_in(&log_softmax, 1);
    agrees_ending_in(both, 2);
}

/* What the threads share. */
static struct {
    struct engine *engine;
    float pixels[IMAGES * DIGIT_PIXELS];
    float want[IMAGES * DIGIT_CLASSES];
} shared;

static void open_shared(void)
{
    struct network net = network_ending_in(NULL, 0);
    struct checkpoint *weights = random_weights(&net);
    struct error err = {0};
    shared.engine = opened(&net, weights);
    checkpoint_close(weights);
    for (size_t i = 0; i < IMAGES * DIGIT_PIXELS; i++)
        shared.pixels[i] = random_float();
    for (size_t i = 0; i < IMAGES; i++)
        assert_true(engine_predict(shared.engine, shared.pixels + i * DIGIT_PIXELS, 1,
                                   shared.want + i * DIGIT_CLASSES, &err));
}

static void test_batches_of_any_size(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 7, 255, 256, 257, IMAGES};
    static float got[IMAGES * DIGIT_CLASSES];
    open_shared();
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct error err = {0};
        memset(got, 0, sizeof got);
        assert_true(engine_predict(shared.engine, shared.pixels, counts[i], got, &err));
        assert_near(got, shared.want, counts[i] * DIGIT_CLASSES);
    }
    assert_string_equal(engine_name(shared.engine), "torch");
    const char *said = engine_describe(shared.engine);
    assert_memory_equal(said, "libtorch ", 9);
    assert_true(strstr(said, ", cpu, packed") != NULL || strstr(said, ", cpu, eager") != NULL);
    engine_close(shared.engine);
}

static void *predict_all(void *argument)
{
    (void)argument;
    float got[DIGIT_CLASSES];
    for (size_t i = 0; i < IMAGES; i++) {
        struct error err = {0};
        if (!engine_predict(shared.engine, shared.pixels + i * DIGIT_PIXELS, 1, got, &err) ||
            memcmp(got, shared.want + i * DIGIT_CLASSES, sizeof got) != 0)
            return "another answer";
    }
    return NULL;
}

static void test_many_threads_get_the_same(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    open_shared();
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, predict_all, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *said;
        assert_int_equal(pthread_join(threads[i], &said), 0);
        assert_null(said);
    }
    engine_close(shared.engine);
}

static void test_refuses_unknown_devices(void **state)
{
    (void)state;
    struct network net = network_ending_in(NULL, 0);
    struct checkpoint *weights = random_weights(&net);
    const struct engine_options options = {.device = "abacus"};
    struct engine *engine = NULL;
    struct error err = {0};
    assert_false(engine_open(&engine, "torch", &net, weights, &options, &err));
    assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
    assert_string_equal(err.text, "there is no device 'abacus'; there is: auto, cpu, cuda");
    checkpoint_close(weights);
}

static void test_cuda_answers_or_says_why_not(void **state)
{
    (void)state;
    struct network net = network_ending_in(NULL, 0);
    struct checkpoint *weights = random_weights(&net);
    const struct engine_options options = {.device = "cuda"};
    struct engine *engine;
    struct error err = {0};
    float pixels[DIGIT_PIXELS], got[DIGIT_CLASSES], want[DIGIT_CLASSES];
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        pixels[i] = random_float();
    predict_plainly(want, &net, weights, pixels);
    if (engine_open(&engine, "torch", &net, weights, &options, &err)) {
        assert_true(engine_predict(engine, pixels, 1, got, &err));
        assert_near(got, want, DIGIT_CLASSES);
        engine_close(engine);
    } else {
        assert_int_equal(err.code, ERROR_BAD_ARGUMENT);
        assert_non_null(strstr(err.text, "CUDA"));
        assert_non_null(strstr(err.text, "use --device cpu"));
    }
    checkpoint_close(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endings),
        cmocka_unit_test(test_flat_or_not),
        cmocka_unit_test(test_batches_of_any_size),
        cmocka_unit_test(test_many_threads_get_the_same),
        cmocka_unit_test(test_refuses_unknown_devices),
        cmocka_unit_test(test_cuda_answers_or_says_why_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

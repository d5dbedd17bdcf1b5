/* What V1 and V2 requests mean: every pixel, however it is written; and what answers look like. */
#include "server/openinference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/digit.h"

enum { COUNT = 2, PIXELS = COUNT * DIGIT_PIXELS, ROOM = 64 * 1024, COUNT_MAX = 4 };

static char body[ROOM];
static size_t body_len;

static void put(const char *text)
{
    body_len += (size_t)snprintf(body + body_len, sizeof body - body_len, "%s", text);
}

/* All values from 0 to 255, more than once. */
static unsigned grey(size_t i)
{
    return (unsigned)(i * 7 % 256);
}

static float pixel(size_t i)
{
    return (float)grey(i) / 255;
}

static void put_value(size_t i, bool whole)
{
    char text[40];
    if (whole)
        (void)snprintf(text, sizeof text, "%u", grey(i));
    else
        (void)snprintf(text, sizeof text, "%.17g", (double)pixel(i));
    put(text);
}

/* Lists nested as deep as there are sizes. Gives the next value's index. */
static size_t put_lists(const size_t *sizes, size_t rank, size_t next, bool whole)
{
    put("[");
    for (size_t i = 0; i < sizes[0]; i++) {
        if (i > 0)
            put(", ");
        if (rank > 1)
            next = put_lists(sizes + 1, rank - 1, next, whole);
        else
            put_value(next++, whole);
    }
    put("]");
    return next;
}

static void assert_pixels(const struct openinference_request *request)
{
    assert_int_equal(request->count, COUNT);
    assert_non_null(request->pixels);
    for (size_t i = 0; i < PIXELS; i++)
        assert_true(request->pixels[i] == pixel(i));
}

static const struct {
    const char *shape;
    size_t rank;
    size_t sizes[4];
} shapes[] = {
    {"[2,1,28,28]", 4, {2, 1, 28, 28}}, {"[2,28,28,1]", 4, {2, 28, 28, 1}},
    {"[2,28,28]", 3, {2, 28, 28}},      {"[2,784]", 2, {2, 784}},
    {"[2,784]", 1, {PIXELS}},           {"[2,1,28,28]", 1, {PIXELS}},
};

static void read_v2(size_t shape, bool whole)
{
    struct openinference_request request;
    struct error err = {0};
    body_len = 0;
    put("{\"inputs\": [{\"name\": \"x\", \"shape\": ");
    put(shapes[shape].shape);
    put(whole ? ", \"datatype\": \"UINT8\", \"data\": " : ", \"datatype\": \"FP32\", \"data\": ");
    (void)put_lists(shapes[shape].sizes, shapes[shape].rank, 0, whole);
    put("}]}");
    const struct openinference_body text = {body, body_len, NULL};
    assert_true(openinference_read_v2(&request, &text, COUNT_MAX, &err));
    assert_pixels(&request);
    assert_int_equal(request.form.output_count, 2);
    assert_null(request.form.id);
    openinference_free(&request);
}

static void test_v2_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        read_v2(i, true);
        read_v2(i, false);
    }
}

static void test_v1(void **state)
{
    (void)state;
    for (size_t i = 0; shapes[i].rank > 1; i++) {
        struct openinference_request request;
        struct error err = {0};
        body_len = 0;
        put("{\"instances\": ");
        (void)put_lists(shapes[i].sizes, shapes[i].rank, 0, false);
        put("}");
        const struct openinference_body text = {body, body_len, NULL};
        assert_true(openinference_read_v1(&request, &text, COUNT_MAX, &err));
        assert_pixels(&request);
        assert_false(request.form.by_columns);
        openinference_free(&request);
    }
}

static void read_binary(const char *type, size_t size, const void *bytes)
{
    struct openinference_request request;
    struct error err = {0};
    char json_len[16];
    body_len =
        (size_t)snprintf(body, sizeof body,
                         "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,784],\"datatype\":\"%s\","
                         "\"parameters\":{\"binary_data_size\":%zu}}]}",
                         type, size * PIXELS);
    (void)snprintf(json_len, sizeof json_len, "%zu", body_len);
    memcpy(body + body_len, bytes, size * PIXELS);
    const struct openinference_body text = {body, body_len + size * PIXELS, json_len};
    assert_true(openinference_read_v2(&request, &text, COUNT_MAX, &err));
    assert_pixels(&request);
    openinference_free(&request);
}

static void test_v2_binary(void **state)
{
    (void)state;
    static uint8_t whole[PIXELS], floats[PIXELS * sizeof(float)];
    for (size_t i = 0; i < PIXELS; i++) {
        const float value = pixel(i);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        whole[i] = (uint8_t)grey(i);
        for (size_t k = 0; k < sizeof bits; k++)
            floats[i * sizeof bits + k] = (uint8_t)(bits >> 8 * k);
    }
    read_binary("UINT8", 1, whole);
    read_binary("FP32", sizeof(float), floats);
}

static const float probabilities[COUNT * DIGIT_CLASSES] = {
    [0] = 0.25f,
    [1] = 0.5f,
    [9] = 0.25f,
    [DIGIT_CLASSES + 3] = 1,
};

static void test_answer(void **state)
{
    (void)state;
    static const char expected[] =
        "{\"model_name\":\"m\",\"model_version\":\"1\",\"id\":\"i\",\"outputs\":["
        "{\"name\":\"prediction\",\"datatype\":\"INT64\",\"shape\":[2],\"data\":[1,3]},"
        "{\"name\":\"probabilities\",\"datatype\":\"FP32\",\"shape\":[2,10],"
        "\"parameters\":{\"binary_data_size\":80}}]}\n";
    const struct api_model model = {.name = "m", .version = "1"};
    const struct openinference_answer answer = {probabilities, COUNT, &model};
    char id[] = "i";
    const struct openinference_form form = {
        .id = id,
        .output_count = 2,
        .outputs = {{OPENINFERENCE_PREDICTION, false}, {OPENINFERENCE_PROBABILITIES, true}},
    };
    struct error err = {0};
    char *text;
    size_t len, json_len;
    assert_true(openinference_write_v2(&text, &len, &json_len, &answer, &form, &err));
    assert_int_equal(json_len, sizeof expected - 1);
    assert_memory_equal(text, expected, json_len);
    assert_int_equal(len, json_len + sizeof probabilities);
    const uint8_t half[] = {0, 0, 0, 0x3f};
    assert_memory_equal(text + json_len + 4, half, sizeof half);
    free(text);
    assert_true(openinference_write_v1(&text, &len, &answer, &form, &err));
    assert_string_equal(text, "{\"predictions\":[[0.25,0.5,0,0,0,0,0,0,0,0.25],"
                              "[0,0,0,1,0,0,0,0,0,0]]}\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_v2_json),
        cmocka_unit_test(test_v2_binary),
        cmocka_unit_test(test_v1),
        cmocka_unit_test(test_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

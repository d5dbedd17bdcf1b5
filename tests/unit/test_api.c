/* What POST /predict takes and refuses, and that every answer is the JSON that it claims to be. */
#include "server/api.h"
#include "server/api/plain.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/parsed.h"

enum { COUNT_MAX = 3 };

struct refusal {
    const char *body;
    enum error_code code;
    const char *says;
};

static const struct refusal refusals[] = {
    {"", ERROR_NOT_JSON, "the body is empty"},
    {"{", ERROR_NOT_JSON, "line 1, column 2: the text ends too early"},
    {"{\"image\": }", ERROR_NOT_JSON, "line 1, column 11"},
    {"{\n\"image\": nul}", ERROR_NOT_JSON, "line 2"},
    {"{\"image\": \"QQ==\",}", ERROR_NOT_JSON, "line 1"},
    {"{\"image\": \"QQ==\"} x", ERROR_NOT_JSON, "more behind the value"},
    {"{\"image\": \"\xff\"}", ERROR_NOT_JSON, "line 1"},
    {"hello", ERROR_NOT_JSON, "line 1"},
    {"[]", ERROR_WRONG_SHAPE, "the body is an array"},
    {"7", ERROR_WRONG_SHAPE, "the body is a number"},
    {"7.5", ERROR_WRONG_SHAPE, "the body is a number"},
    {"\"QQ==\"", ERROR_WRONG_SHAPE, "the body is a string"},
    {"true", ERROR_WRONG_SHAPE, "the body is true"},
    {"null", ERROR_WRONG_SHAPE, "the body is null"},
    {"{}", ERROR_WRONG_SHAPE, "neither 'image' nor 'images'"},
    {"{\"image\": \"QQ==\", \"images\": []}", ERROR_WRONG_SHAPE, "both"},
    {"{\"image\": \"QQ==\", \"image\": \"QQ==\"}", ERROR_WRONG_SHAPE, "has 'image' twice"},
    {"{\"images\": [\"QQ==\"], \"images\": 1}", ERROR_WRONG_SHAPE, "has 'images' twice"},
    {"{\"mode\": \"auto\", \"mode\": \"auto\"}", ERROR_WRONG_SHAPE, "has 'mode' twice"},
    {"{\"mode\": \"auto\\u0000\"}", ERROR_WRONG_SHAPE, "'mode' is \"auto"},
    {"{\"mode\": \"automatically and more\"}", ERROR_WRONG_SHAPE, "\"automatically and more\""},
    {"{\"include\": [\"input\", 1]}", ERROR_WRONG_SHAPE, "'include' is another list"},
    {"{\"include\": \"input\"}", ERROR_WRONG_SHAPE, "'include' is \"input\"; it must be a list"},
    {"{\"segment\": 0.1234567890123}", ERROR_WRONG_SHAPE, "'segment' is a number"},
    {"{\"image\": 1e999}", ERROR_WRONG_SHAPE, "'image' is a number"},
    {"{\"imag\\u0000e\": 1}", ERROR_UNKNOWN_FIELD, "no field 'imag'"},
    {"{\"picture\": \"QQ==\"}", ERROR_UNKNOWN_FIELD, "no field 'picture'"},
    {"{\"image\": \"QQ==\", \"model\": 1}", ERROR_UNKNOWN_FIELD, "'model'"},
    {"{\"image\": null}", ERROR_WRONG_SHAPE, "'image' is null"},
    {"{\"image\": 5}", ERROR_WRONG_SHAPE, "'image' is a number"},
    {"{\"image\": [\"QQ==\"]}", ERROR_WRONG_SHAPE, "'image' is an array"},
    {"{\"image\": {}}", ERROR_WRONG_SHAPE, "'image' is an object"},
    {"{\"image\": \"\"}", ERROR_EMPTY_IMAGE, "'image' is empty"},
    {"{\"image\": \"data:image/png;base64,\"}", ERROR_EMPTY_IMAGE, "'image' is empty"},
    {"{\"image\": \"data:image/png;base64\"}", ERROR_NOT_BASE64, "no comma"},
    {"{\"image\": \"data:image/png,QQ==\"}", ERROR_NOT_BASE64, "not base64"},
    {"{\"image\": \"data:,QQ==\"}", ERROR_NOT_BASE64, "not base64"},
    {"{\"image\": \"data:text/html;base64,QQ==\"}", ERROR_UNSUPPORTED_IMAGE,
     "'text/html;base64', not"},
    {"{\"image\": \"data:;base64,QQ==\"}", ERROR_UNSUPPORTED_IMAGE, "not image/png"},
    {"{\"images\": \"QQ==\"}", ERROR_WRONG_SHAPE, "'images' is a string"},
    {"{\"images\": []}", ERROR_WRONG_SHAPE, "'images' is empty"},
    {"{\"images\": [\"QQ==\", \"\"]}", ERROR_EMPTY_IMAGE, "images[1]: the picture is empty"},
    {"{\"images\": [\"QQ==\", null]}", ERROR_WRONG_SHAPE, "images[1]: the picture is null"},
    {"{\"images\": [\"data:,\"]}", ERROR_NOT_BASE64, "images[0]: the data: URL"},
    {"{\"images\": [\"QQ==\", \"\\q\"]}", ERROR_NOT_JSON, "line 1"},
    {"{\"images\": [\"QQ==\" \"QQ==\"]}", ERROR_NOT_JSON, "line 1"},
    {"{\"image\": \"\\q\"}", ERROR_NOT_JSON, "line 1"},
    {"{\"mode\": \"\\q\"}", ERROR_NOT_JSON, "line 1"},
    {"{\"include\": [\"\\q\"]}", ERROR_NOT_JSON, "line 1"},
    {"{\"segment\": tru}", ERROR_NOT_JSON, "line 1"},
    {"{\"segment\": falsy}", ERROR_NOT_JSON, "line 1"},
    {"{\"images\": [\"A\", \"A\", \"A\", \"A\"]}", ERROR_TOO_MANY_IMAGES,
     "has 4 pictures; send at "
     "most 3"},
};

static bool read_body(struct api_images *out, const char *body, struct error *err)
{
    return api_read_predict(out, body, strlen(body), COUNT_MAX, err);
}

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        struct error err = {0};
        struct api_images images;
        assert_false(read_body(&images, r->body, &err));
        if (err.code != r->code || strstr(err.text, r->says) == NULL)
            fail_msg("%s gives %s '%s'", r->body, error_name(err.code), err.text);
        assert_null(images.list);
        assert_null(images.copies);
    }
}

static void test_plain_form(void **state)
{
    (void)state;
    static const char *const plain[] = {
        "{\"image\":\"QUJD\"}",
        " {\t\"image\" :\r\n\"QUJD\" } \n",
    };
    static const char *const other[] = {
        "",
        "{",
        "{\"image\":\"QUJD\"",
        "{\"image\":\"QUJD",
        "{\"image\":\"QUJD\"} x",
        "{\"image\":\"QU\\u004aD\"}",
        "{\"image\":\"QU\nD\"}",
        "{\"image\":\"QU\xc3\xa9\"}",
        "{\"image\":\"QUJD\",\"image\":\"QUJD\"}",
        "{\"images\":[\"QUJD\"]}",
    };
    struct api_image image;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_true(plain_image(&image, plain[i], strlen(plain[i])));
        assert_int_equal(image.len, 4);
        assert_ptr_equal(image.base64, strstr(plain[i], "QUJD"));
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_false(plain_image(&image, other[i], strlen(other[i])));
}

static void test_depth(void **state)
{
    (void)state;
    char body[100000];
    memset(body, '[', sizeof body);
    struct error err = {0};
    struct api_images images;
    assert_false(api_read_predict(&images, body, sizeof body, COUNT_MAX, &err));
    assert_int_equal(err.code, ERROR_WRONG_SHAPE);
}

/* A tree of them would take a hundred times the text's memory. */
static void test_many_values(void **state)
{
    (void)state;
    static char body[100000];
    memset(body, '0', sizeof body);
    for (size_t i = 2; i < sizeof body; i += 2)
        body[i] = ',';
    body[0] = '[';
    body[sizeof body - 1] = ']';
    struct error err = {0};
    struct api_images images;
    assert_false(api_read_predict(&images, body, sizeof body, COUNT_MAX, &err));
    assert_int_equal(err.code, ERROR_WRONG_SHAPE);
    assert_string_equal(err.text, "the JSON holds too many values");
}

static void expect_image(const struct api_image *image, const char *base64)
{
    assert_int_equal(image->len, strlen(base64));
    assert_memory_equal(image->base64, base64, image->len);
}

static void test_one(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"image\": \"QQ==\"}",
        "{\"image\":\"data:image/png;base64,QQ==\"}",
        " {\"image\" : \"DATA:Image/JPEG;name=a;Base64,QQ==\"}\n",
        "{\"im\\u0061ge\": \"Q\\u0051==\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct error err = {0};
        struct api_images images;
        assert_true(read_body(&images, bodies[i], &err));
        assert_int_equal(images.count, 1);
        assert_false(images.many);
        expect_image(&images.list[0], "QQ==");
        api_images_free(&images);
    }
}

static void test_many(void **state)
{
    (void)state;
    struct error err = {0};
    struct api_images images;
    assert_true(
        read_body(&images, "{\"images\": [\"QQ==\", \"data:image/bmp;base64,QUE=\"]}", &err));
    assert_int_equal(images.count, 2);
    assert_true(images.many);
    expect_image(&images.list[0], "QQ==");
    expect_image(&images.list[1], "QUE=");
    (void)error_set(&err, ERROR_NOT_AN_IMAGE, "100%% wrong");
    assert_false(api_blame(&err, &images, 1));
    assert_int_equal(err.code, ERROR_NOT_AN_IMAGE);
    assert_string_equal(err.text, "images[1]: 100% wrong");
    api_images_free(&images);
    err = (struct error){0};
    assert_true(read_body(&images, "{\"images\": [\"QQ==\"]}", &err));
    assert_true(images.many);
    api_images_free(&images);
    api_images_free(&images);
}

static void test_nul_in_string(void **state)
{
    (void)state;
    struct error err = {0};
    struct api_images images;
    assert_true(read_body(&images, "{\"image\": \"QQ\\u0000=\"}", &err));
    assert_int_equal(images.list[0].len, 4);
    api_images_free(&images);
}

static const struct api_model model = {"cnn_mnist", "0123456789ab", {1, 0.5}};

static bool write_answer(char **text, size_t *len, const float *p, size_t count, bool many,
                         const struct api_model *of, struct error *err)
{
    const struct api_answer answer = {.probabilities = p, .count = count, .many = many};
    return api_write_prediction(text, len, &answer, of, err);
}

static void test_prediction(void **state)
{
    (void)state;
    const float p[20] = {0.1f, 0.2f, 0.2f, 0, 0.5f, [10] = 1};
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(write_answer(&text, &len, p, 1, false, &model, &err));
    assert_string_equal(text, "{\"prediction\":4,\"confidence\":0.5,\"probabilities\":"
                              "[0.1,0.2,0.2,0,0.5,0,0,0,0,0],"
                              "\"model\":{\"name\":\"cnn_mnist\",\"version\":\"0123456789ab\"}}\n");
    json_decref(parsed(text, len));
    assert_true(write_answer(&text, &len, p, 2, true, &model, &err));
    json_t *json = parsed(text, len);
    json_t *second = json_array_get(json_object_get(json, "predictions"), 1);
    assert_int_equal(json_integer_value(json_object_get(second, "prediction")), 0);
    assert_int_equal(json_object_size(second), 3);
    assert_int_equal(json_object_size(json), 2);
    json_decref(json);
}

static void test_uncertain(void **state)
{
    (void)state;
    const float p[20] = {0.1f, 0.2f, 0.2f, 0, 0.5f, [10] = 1};
    const struct api_model unsure = {"m", "0123456789ab", {2, 0.6}};
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(write_answer(&text, &len, p, 2, true, &unsure, &err));
    json_t *json = parsed(text, len), *list = json_object_get(json, "predictions");
    json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    /* sqrt(0.5) over the sum of all roots. */
    assert_true(fabs(json_real_value(json_object_get(first, "confidence")) - 0.36871) < 1e-4);
    assert_true(json_is_true(json_object_get(first, "uncertain")));
    assert_null(json_object_get(second, "uncertain"));
    assert_int_equal(json_integer_value(json_object_get(second, "confidence")), 1);
    json_decref(json);
}

static void test_many_predictions(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    float *p = calloc(COUNT * 10, sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < COUNT; i++)
        p[i * 10 + i % 10] = 0.123456789f;
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(write_answer(&text, &len, p, COUNT, true, &model, &err));
    json_t *json = parsed(text, len);
    json_t *list = json_object_get(json, "predictions");
    assert_int_equal(json_array_size(list), COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(json_integer_value(json_object_get(json_array_get(list, i), "prediction")),
                         i % 10);
    json_decref(json);
    free(p);
}

static void test_ties_go_to_the_first(void **state)
{
    (void)state;
    const float p[10] = {0, 0.5f, 0, 0.5f};
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(write_answer(&text, &len, p, 1, false, &model, &err));
    json_t *json = parsed(text, len);
    assert_int_equal(json_integer_value(json_object_get(json, "prediction")), 1);
    json_decref(json);
}

static void test_not_finite(void **state)
{
    (void)state;
    const float p[10] = {[9] = NAN}, q[10] = {[3] = INFINITY};
    const float *const both[] = {p, q};
    for (size_t i = 0; i < 2; i++) {
        struct error err = {0};
        char *text;
        size_t len;
        assert_false(write_answer(&text, &len, both[i], 1, false, &model, &err));
        assert_int_equal(err.code, ERROR_ENGINE);
    }
}

static void expect_detail(const char *detail, const char *becomes)
{
    struct error problem = {.code = ERROR_NOT_JSON}, err = {0};
    strcpy(problem.text, detail);
    char *text;
    size_t len;
    assert_true(api_write_problem(&text, &len, &problem, &err));
    json_t *json = parsed(text, len);
    assert_string_equal(json_string_value(json_object_get(json, "type")), "/problems#not-json");
    assert_string_equal(json_string_value(json_object_get(json, "title")), "The body is not JSON");
    assert_int_equal(json_integer_value(json_object_get(json, "status")), 400);
    assert_string_equal(json_string_value(json_object_get(json, "detail")), becomes);
    assert_string_equal(json_string_value(json_object_get(json, "error")), becomes);
    assert_int_equal(json_object_size(json), 5);
    json_decref(json);
}

#define UNKNOWN "\xef\xbf\xbd"

static void test_problem(void **state)
{
    (void)state;
    expect_detail("plain", "plain");
    expect_detail("\"quoted\\\" \x01\x1f\x7f", "\"quoted\\\" \x01\x1f\x7f");
    expect_detail("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82",
                  "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82");
    expect_detail("\xe0\xa0\x80 \xed\x9f\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf",
                  "\xe0\xa0\x80 \xed\x9f\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf");
    expect_detail("\xf0\x8f\xbf\xbf", UNKNOWN UNKNOWN UNKNOWN UNKNOWN);
    expect_detail("cut \xe2\x82", "cut " UNKNOWN UNKNOWN);
    expect_detail("\xc0\x80 \xe0\x80\x80", UNKNOWN UNKNOWN " " UNKNOWN UNKNOWN UNKNOWN);
    expect_detail("\xed\xa0\x80 \xff", UNKNOWN UNKNOWN UNKNOWN " " UNKNOWN);
    expect_detail("\xf4\x90\x80\x80", UNKNOWN UNKNOWN UNKNOWN UNKNOWN);
}

static void test_problems(void **state)
{
    (void)state;
    struct error err = {0};
    char *text;
    size_t len;
    assert_true(api_write_problems(&text, &len, &err));
    json_t *json = parsed(text, len);
    assert_int_equal(json_array_size(json), ERROR_CODES - 1);
    json_t *last = json_array_get(json, ERROR_CODES - 2);
    assert_string_equal(json_string_value(json_object_get(last, "type")),
                        "/problems#version-not-supported");
    assert_int_equal(json_integer_value(json_object_get(last, "status")), 505);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_plain_form),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_many_values),
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_nul_in_string),
        cmocka_unit_test(test_prediction),
        cmocka_unit_test(test_uncertain),
        cmocka_unit_test(test_many_predictions),
        cmocka_unit_test(test_ties_go_to_the_first),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_problem),
        cmocka_unit_test(test_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

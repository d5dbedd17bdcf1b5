/*
 * A user's own network: what a file may say, and which word means which network.
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

#include "model/file.h"
#include "model/network_file.h"

static const char tiny[] =
    "{\n"
    "  \"name\": \"tiny\",\n"
    "  \"layers\": [\n"
    "    {\"kind\": \"conv2d\", \"name\": \"conv1\", \"out\": 8, \"kernel\": 5, \"padding\": 2},\n"
    "    {\"kind\": \"relu\"},\n"
    "    {\"kind\": \"maxpool2d\", \"kernel\": 4},\n"
    "    {\"kind\": \"flatten\"},\n"
    "    {\"kind\": \"dropout\", \"probability\": 0.25},\n"
    "    {\"kind\": \"linear\", \"name\": \"fc1\", \"out\": 10},\n"
    "    {\"kind\": \"log_softmax\"}\n"
    "  ]\n"
    "}\n";

static char folder[] = "/tmp/digit-network-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(path, sizeof path, "%s/mine.json", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const char *text)
{
    struct error err = {0};
    assert_true(file_write(path, text, strlen(text), &err));
}

static void expect_tiny(const struct network *net)
{
    assert_string_equal(net->name, "tiny");
    assert_int_equal(net->count, 7);
    assert_int_equal(net->layers[0].kind, LAYER_CONV2D);
    assert_string_equal(net->layers[0].name, "conv1");
    assert_int_equal(net->layers[0].padding, 2);
    assert_true(net->layers[4].probability == 0.25f);
    assert_int_equal(net->layers[5].input.channels, 8 * 7 * 7);
    assert_int_equal(network_parameter_count(net), 8 * 25 + 8 + 10 * 392 + 10);
}

static void a_file_is_read(void **state)
{
    (void)state;
    struct error err = {0};
    struct network net;
    assert_true(network_file_parse(&net, tiny, sizeof tiny - 1, &err));
    expect_tiny(&net);
    write_file(tiny);
    if (!network_file_choose(&net, path, &err))
        fail_msg("%s", err.text);
    expect_tiny(&net);
}

static void a_word_is_a_builtin_or_a_file(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum error_code code;
        const char *words;
    } refused[] = {
        {"resnet", ERROR_BAD_ARGUMENT,
         "there is no network 'resnet'; there is: cnn, lenet, mlp, and files that end in .json"},
        {"", ERROR_BAD_ARGUMENT, "there is no network ''"},
        {"json", ERROR_BAD_ARGUMENT, "there is no network 'json'"},
        {"no-such.json", ERROR_FILE, "'no-such.json'"},
        {".json", ERROR_FILE, "'.json'"},
        {"./cnn", ERROR_FILE, "'./cnn'"},
        {"/", ERROR_FILE, "'/'"},
    };
    struct error err = {0};
    struct network net;
    assert_true(network_file_choose(&net, "mlp", &err));
    assert_string_equal(net.name, "mlp");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        err = (struct error){0};
        assert_false(network_file_choose(&net, refused[i].text, &err));
        assert_int_equal(err.code, refused[i].code);
        if (strstr(err.text, refused[i].words) == NULL)
            fail_msg("expected '%s' in '%s'", refused[i].words, err.text);
    }
}

#define FC "{\"kind\":\"linear\",\"name\":\"fc\",\"out\":10}"
#define NET(layers) "{\"name\":\"net\",\"layers\":[" layers "]}"

/* Cards refuse the same of what is in a network; see test_card.c. */
static const struct {
    const char *json;
    const char *words;
} refused[] = {
    {"", "it is not JSON: line 1"},
    {"[]", "it is not a JSON object"},
    {"{}", "a network needs a 'name' of 1 to 31 letters, digits, dots, '_' or '-'"},
    {"{\"name\":\"../up\",\"layers\":[]}", "a network needs a 'name'"},
    {"{\"name\":\"net\",\"layers\":[],\"version\":1}", "network 'net': 'version' is not known"},
    {"{\"name\":\"net\"}", "network 'net': its 'layers' must be a list of 1 to 32 layers"},
    {NET(FC), "network 'net', layer 1 (linear fc): its input is not flat; put a flatten layer"},
    {NET("{\"kind\":\"flatten\"}," FC "," FC),
     "network 'net', layer 3 (linear fc): it needs a name of its own"},
    {NET("{\"kind\":\"flatten\"}"), "network 'net' gives 784x1x1 values, not 10"},
    {NET("{\"kind\":\"conv2d\",\"name\":\"big\",\"out\":1,\"kernel\":29}"),
     "network 'net', layer 1 (conv2d big): its kernel does not fit its input"},
    {NET("{\"kind\":\"dense\",\"name\":\"fc\",\"out\":10}"),
     "network 'net', layer 1 (? fc): its 'kind' is 'dense'; it can be conv2d, relu, maxpool2d, "
     "flatten, linear, dropout, log_softmax, softmax"},
};

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct error err = {0};
        struct network net;
        assert_false(network_file_parse(&net, refused[i].json, strlen(refused[i].json), &err));
        assert_int_equal(err.code, ERROR_BAD_MODEL);
        if (strstr(err.text, refused[i].words) == NULL)
            fail_msg("expected '%s' in '%s'", refused[i].words, err.text);
    }
    struct error err = {0};
    struct network net;
    write_file(NET(FC));
    assert_false(network_file_choose(&net, path, &err));
    assert_non_null(strstr(err.text, "mine.json': network 'net', layer 1 (linear fc): its input"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(a_word_is_a_builtin_or_a_file),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

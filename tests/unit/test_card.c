/*
 * The model card: what is written is read, and what would change the network's meaning is refused.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/card.h"

#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct card some_card(void)
{
    struct error err = {0};
    struct card card = {
        .name = "cnn_mnist",
        .sha256 = SHA256,
        .date = "2026-11-22",
        .trained = true,
        .training = {.optimizer = "Adam",
                     .loss = "cross entropy",
                     .library = "libtorch 1.13.1",
                     .learning_rate = 0.001,
                     .images = 60000,
                     .batch = 64,
                     .epochs = 5,
                     .threads = 2,
                     .seed = 1},
        .data = {{"train-images-idx3-ubyte", SHA256}, {"train-labels-idx1-ubyte", SHA256}},
        .test_images = 10000,
        .test_accuracy = 0.9912,
        .test_loss = 0.03,
    };
    assert_true(network_named(&card.network, "cnn", &err));
    return card;
}

static char *format(const struct card *card)
{
    struct error err = {0};
    char *json;
    if (!card_format(&json, card, &err))
        fail_msg("%s", err.text);
    return json;
}

static void assert_has(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("expected '%s' in '%s'", words, text);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct error err = {0};
    struct card card = some_card(), back;
    char *json = format(&card);
    if (!card_parse(&back, json, strlen(json), &err))
        fail_msg("%s", err.text);
    assert_string_equal(back.name, "cnn_mnist");
    assert_string_equal(back.sha256, SHA256);
    assert_false(back.trained);
    assert_memory_equal(&back.network, &card.network, sizeof card.network);
    free(json);
}

static void people_can_read_it(void **state)
{
    (void)state;
    struct card card = some_card();
    card.network.layers[card.network.count++] =
        (struct layer){.kind = LAYER_DROPOUT, .probability = 0.1f};
    char *json = format(&card);
    assert_has(json, "\"version\": \"0123456789ab\"");
    assert_has(json, "\"parameters\": 421642");
    assert_has(json, "\"scale\": 0.00392156862745098,");
    assert_has(json, "\"strokes\": \"white on black\"");
    assert_has(json, "\"accuracy\": 0.9912,");
    assert_has(json, "\"loss\": 0.03");
    assert_has(json, "\"learning_rate\": 0.001,");
    assert_has(json, "\"probability\": 0.1\n");
    assert_has(json, "\"train-images-idx3-ubyte\": \"" SHA256 "\"");
    free(json);
    card.trained = false;
    card.date[0] = '\0';
    json = format(&card);
    assert_null(strstr(json, "training"));
    assert_null(strstr(json, "accuracy"));
    assert_null(strstr(json, "date"));
    free(json);
}

static void an_untested_model_says_nothing_of_a_test(void **state)
{
    (void)state;
    struct card card = some_card();
    card.test_images = 0;
    char *json = format(&card);
    assert_has(json, "\"training\"");
    assert_null(strstr(json, "accuracy"));
    free(json);
}

static void a_seed_of_64_bits_is_kept(void **state)
{
    (void)state;
    struct card card = some_card();
    card.training.seed = UINT64_MAX;
    char *json = format(&card);
    assert_has(json, "\"seed\": \"18446744073709551615\"");
    free(json);
}

static void what_json_cannot_say_is_refused(void **state)
{
    (void)state;
    char *json;
    struct error err = {0};
    struct card card = some_card();
    card.test_loss = (double)NAN;
    assert_false(card_format(&json, &card, &err));
    card = some_card();
    card.date[0] = '\xff';
    err = (struct error){0};
    assert_false(card_format(&json, &card, &err));
    assert_has(err.text, "not UTF-8");
}

static void confidence_is_kept(void **state)
{
    (void)state;
    struct error err = {0};
    struct card card = some_card(), back;
    card.confidence = (struct confidence){.temperature = 0.75, .threshold = 0.625};
    char *json = format(&card);
    assert_true(card_parse(&back, json, strlen(json), &err));
    assert_true(back.confidence.temperature == 0.75 && back.confidence.threshold == 0.625);
    free(json);
    card.confidence = (struct confidence){0};
    json = format(&card);
    assert_null(strstr(json, "confidence"));
    assert_true(card_parse(&back, json, strlen(json), &err));
    assert_true(back.confidence.temperature == 1 && back.confidence.threshold == 0.5);
    free(json);
}

#define LAYERS "{\"kind\":\"flatten\"},{\"kind\":\"linear\",\"name\":\"fc\",\"in\":784,\"out\":10}"
#define NETWORK(layers) "\"network\":{\"name\":\"net\",\"layers\":[" layers "]}"
#define CARD(more) "{\"name\":\"mine\",\"sha256\":\"" SHA256 "\"," more "}"
#define LAYER(layer) CARD(NETWORK(layer "," LAYERS))
#define REPEAT8(text) text text text text text text text text

static void a_small_card_is_enough(void **state)
{
    (void)state;
    static const char *const cards[] = {
        CARD(NETWORK(LAYERS)),
        CARD("\"unknown\":[{}]," NETWORK(LAYERS)),
        CARD("\"version\":\"0123456789ab\"," NETWORK(LAYERS)),
        CARD("\"input\":{\"shape\":[1,28,28]}," NETWORK(LAYERS)),
        CARD("\"input\":{\"shape\":[1,28,28],\"scale\":0.003921568627}," NETWORK(LAYERS)),
        LAYER("{\"kind\":\"conv2d\",\"name\":\"a\",\"out\":1,\"kernel\":1}"),
        LAYER("{\"kind\":\"dropout\",\"probability\":0}"),
    };
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
        struct error err = {0};
        struct card card;
        if (!card_parse(&card, cards[i], strlen(cards[i]), &err))
            fail_msg("%s: %s", cards[i], err.text);
        assert_string_equal(card.name, "mine");
        assert_string_equal(card.network.name, "net");
    }
}

static const struct {
    const char *json;
    const char *words;
} refused[] = {
    {"", "not JSON"},
    {"{", "not JSON: line 1"},
    {"[]", "not a JSON object"},
    {"{\"name\":\"a\",\"name\":\"b\"}", "duplicate"},
    {"{}", "'name'"},
    {"{\"name\":\"\"}", "'name'"},
    {"{\"name\":\"a b\"}", "'name'"},
    {"{\"name\":7}", "'name'"},
    {"{\"name\":\"a\"}", "'sha256'"},
    {"{\"name\":\"a\",\"sha256\":\"0123\"}", "'sha256'"},
    {"{\"name\":\"" REPEAT8("12345678") "\",\"sha256\":\"" SHA256 "\"}", "'name'"},
    {CARD("\"version\":\"0123456789ac\""), "'version'"},
    {CARD("\"version\":12"), "'version'"},
    {CARD("\"classes\":[\"0\",\"1\"]"), "'classes'"},
    {CARD("\"input\":[1,28,28]"), "'input'"},
    {CARD("\"input\":{\"shape\":[3,32,32]}"), "'input'"},
    {CARD("\"input\":{\"shape\":[4294967297,28,28]}"), "'input'"},
    {CARD("\"input\":{\"shape\":[1,28,28,1]}"), "'input'"},
    {CARD("\"input\":{\"shape\":[1,28,28],\"scale\":1}"), "'input'"},
    {CARD("\"input\":{\"shape\":[1,28,28],\"strokes\":\"black on white\"}"), "'input'"},
    {CARD("\"input\":{\"shape\":[1,28,28],\"mean\":0.13}"), "'input'"},
    {CARD("\"confidence\":0.5"), "'confidence'"},
    {CARD("\"confidence\":{\"temperature\":1}"), "'confidence'"},
    {CARD("\"confidence\":{\"temperature\":0,\"uncertain_below\":0.5}"), "'confidence'"},
    {CARD("\"confidence\":{\"temperature\":1e9,\"uncertain_below\":0.5}"), "'confidence'"},
    {CARD("\"confidence\":{\"temperature\":1,\"uncertain_below\":1.5}"), "'confidence'"},
    {CARD("\"confidence\":{\"temperature\":1,\"uncertain_below\":-0.5}"), "'confidence'"},
    {CARD("\"confidence\":{\"temperature\":\"1\",\"uncertain_below\":0.5}"), "'confidence'"},
    {CARD("\"date\":\"\""), "'network'"},
    {CARD("\"network\":[]"), "'network'"},
    {CARD("\"network\":{\"layers\":[]}"), "a network needs a 'name'"},
    {CARD("\"network\":{\"name\":\"net\"}"), "'layers'"},
    {CARD("\"network\":{\"name\":\"net\",\"layers\":{}}"), "'layers'"},
    {CARD("\"network\":{\"name\":\"net\",\"layers\":[],\"stride\":2}"), "'stride'"},
    {CARD(NETWORK("")), "1 to 32 layers"},
    {CARD(NETWORK(REPEAT8("{},{},{},{},") "{}")), "1 to 32 layers"},
    {CARD(NETWORK("7")), "network 'net', layer 1 (?): it needs a 'kind': conv2d, relu, "},
    {LAYER("{\"kind\":\"attention\",\"name\":\"a\"}"),
     "layer 1 (? a): its 'kind' is 'attention'; it can be conv2d, relu, "},
    {LAYER("{\"kind\":7}"), "needs a 'kind'"},
    {LAYER("{\"kind\":\"relu\",\"out\":3}"), "layer 1 (relu): 'out' is not known here"},
    {LAYER("{\"kind\":\"maxpool2d\",\"kernel\":2,\"stride\":1}"), "'stride' is not known"},
    {LAYER("{\"kind\":\"maxpool2d\"}"), "layer 1 (maxpool2d): 'kernel' is missing"},
    {LAYER("{\"kind\":\"conv2d\",\"out\":1,\"kernel\":1}"), "'name' is missing"},
    {LAYER("{\"kind\":\"conv2d\",\"name\":\"a\",\"kernel\":1}"),
     "layer 1 (conv2d a): 'out' is missing"},
    {LAYER("{\"kind\":\"conv2d\",\"name\":\"a b\",\"out\":1,\"kernel\":1}"),
     "layer 1 (conv2d): 'name' must be 1 to 31"},
    {LAYER("{\"kind\":\"maxpool2d\",\"kernel\":2.5}"), "'kernel' must be a whole number"},
    {LAYER("{\"kind\":\"maxpool2d\",\"kernel\":-2}"), "'kernel' must be a whole number"},
    {LAYER("{\"kind\":\"maxpool2d\",\"kernel\":4294967298}"), "'kernel' must be a whole number"},
    {LAYER("{\"kind\":\"maxpool2d\",\"kernel\":99}"),
     "layer 1 (maxpool2d): its kernel does not fit"},
    {LAYER("{\"kind\":\"dropout\",\"probability\":\"0.5\"}"), "'probability' must be a number"},
    {LAYER("{\"kind\":\"dropout\",\"probability\":1e300}"), "probability"},
    {CARD(NETWORK("{\"kind\":\"flatten\"},{\"kind\":\"linear\",\"name\":\"fc\",\"in\":783,"
                  "\"out\":10}")),
     "layer 2 (linear fc): 'in' is 783; what comes in is 784"},
};

static void what_would_change_the_meaning_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct error err = {0};
        struct card card;
        assert_false(card_parse(&card, refused[i].json, strlen(refused[i].json), &err));
        assert_int_equal(err.code, ERROR_BAD_MODEL);
        assert_has(err.text, refused[i].words);
    }
}

static void names_are_made_fit(void **state)
{
    (void)state;
    char name[CARD_TEXT_SIZE];
    card_name(name, "my model (2)", 12);
    assert_string_equal(name, "my_model__2_");
    card_name(name, "cnn_mnist.pth", 9);
    assert_string_equal(name, "cnn_mnist");
    char too_long[200];
    memset(too_long, 'x', sizeof too_long);
    card_name(name, too_long, sizeof too_long);
    assert_int_equal(strlen(name), CARD_TEXT_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(people_can_read_it),
        cmocka_unit_test(an_untested_model_says_nothing_of_a_test),
        cmocka_unit_test(a_seed_of_64_bits_is_kept),
        cmocka_unit_test(what_json_cannot_say_is_refused),
        cmocka_unit_test(confidence_is_kept),
        cmocka_unit_test(a_small_card_is_enough),
        cmocka_unit_test(what_would_change_the_meaning_is_refused),
        cmocka_unit_test(names_are_made_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

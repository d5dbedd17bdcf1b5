/*
 * A user's own network. What is read must have ten outputs and parameters that can be counted, and
 * a card must be able to hold it.
 */
#include <string.h>

#include "model/card.h"
#include "model/network_file.h"
#include "tests/fuzz/fuzz.h"

static void expect_sound(const struct network *net)
{
    struct parameter p;
    FUZZ_EXPECT(net->count >= 1 && net->count <= NETWORK_LAYERS_MAX);
    FUZZ_EXPECT(net->layers[net->count - 1].output.channels == 10);
    for (size_t i = 0; network_parameter(net, i, &p); i++)
        for (size_t d = 0; d < p.rank; d++)
            FUZZ_EXPECT(p.shape[d] > 0);
}

static void expect_same_from_card(const struct network *net)
{
    struct error err = {0};
    struct card back, card = {.name = "fuzz", .network = *net};
    memset(card.sha256, '0', sizeof card.sha256 - 1);
    char *json;
    FUZZ_EXPECT(card_format(&json, &card, &err));
    FUZZ_EXPECT(card_parse(&back, json, strlen(json), &err));
    FUZZ_EXPECT(strcmp(back.network.name, net->name) == 0 && back.network.count == net->count);
    FUZZ_EXPECT(network_parameter_count(&back.network) == network_parameter_count(net));
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct network net;
    if (network_file_parse(&net, (const char *)bytes, len, &err)) {
        expect_sound(&net);
        expect_same_from_card(&net);
    } else {
        FUZZ_EXPECT(err.code == ERROR_BAD_MODEL && err.text[0] != '\0');
    }
    return 0;
}

/*
 * Puts together what belongs together: weights, their network, their card. Any thread; no state. It
 * knows which files there are, and leaves to others what is in them.
 */
#include "model/model.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/card.h"

static const size_t weights_len_max = (size_t)1 << 30;
static const size_t card_len_max = (size_t)1 << 20;
static const char suffix[] = ".pth";

static_assert(MODEL_VERSION_SIZE == CARD_VERSION_LEN + 1, "one length of a version");
static_assert(MODEL_NAME_SIZE == (int)CARD_TEXT_SIZE, "a card's name is the model's");

size_t model_stem_len(const char *path)
{
    size_t len = strlen(path);
    size_t end = sizeof suffix - 1;
    return len > end && strcmp(path + len - end, suffix) == 0 ? len - end : len;
}

/* Reads the file once: the SHA-256 must be that of the very bytes that are parsed. */
static bool load_weights(struct model *out, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    struct error why = {0};
    if (!file_read(&bytes, &len, path, weights_len_max, &why))
        return error_set(err, why.code, "%s; name a .pth file with --model", why.text);
    file_sha256(out->sha256, bytes, len);
    (void)snprintf(out->version, sizeof out->version, "%.*s", CARD_VERSION_LEN, out->sha256);
    bool ok = checkpoint_parse(&out->weights, bytes, len, &why);
    free(bytes);
    return ok || error_set(err, why.code, "'%s': %s", path, why.text);
}

static bool load_card(struct model *out, const char *path, const char *card_path, struct error *err)
{
    uint8_t *text;
    size_t len;
    struct card card;
    struct error why = {0};
    if (!file_read(&text, &len, card_path, card_len_max, err))
        return false;
    out->card = (char *)text;
    if (!card_parse(&card, out->card, len, &why))
        return error_set(err, why.code, "'%s': %s", card_path, why.text);
    if (strcmp(card.sha256, out->sha256) != 0)
        return error_set(err, ERROR_BAD_MODEL,
                         "the card '%s' belongs to other weights (SHA-256 %.12s..., not %.12s...); "
                         "publish both together",
                         card_path, card.sha256, out->sha256);
    if (!network_check(&card.network, out->weights, &why))
        return error_set(err, why.code, "'%s' does not fit its card: %s", path, why.text);
    (void)snprintf(out->name, sizeof out->name, "%s", card.name);
    out->network = card.network;
    out->confidence = card.confidence;
    return true;
}

static bool make_up_card(struct model *out, const char *path, const char *card_path,
                         struct error *err)
{
    struct card card = {.confidence = confidence_default};
    struct error why = {0};
    const char *name = NULL;
    for (size_t i = 0; (name = network_builtin(i)) != NULL; i++) {
        struct error other = {0};
        if (network_named(&card.network, name, &other) &&
            network_check(&card.network, out->weights, &other))
            break;
        error_set(&why, other.code, "%s", other.text);
    }
    if (name == NULL)
        return error_set(err, ERROR_BAD_MODEL,
                         "'%s' has no card '%s' beside it and fits no built-in network: %s", path,
                         card_path, why.text);
    const char *slash = strrchr(path, '/');
    const char *file = slash == NULL ? path : slash + 1;
    card_name(card.name, file, model_stem_len(file));
    memcpy(card.sha256, out->sha256, sizeof card.sha256);
    memcpy(out->name, card.name, sizeof out->name);
    out->network = card.network;
    out->confidence = card.confidence;
    return card_format(&out->card, &card, err);
}

bool model_load(struct model *out, const char *path, struct error *err)
{
    *out = (struct model){0};
    char *card_path;
    if (asprintf(&card_path, "%.*s.json", (int)model_stem_len(path), path) < 0)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a path");
    bool has_card;
    bool ok = load_weights(out, path, err) && file_exists(&has_card, card_path, err) &&
              (has_card ? load_card : make_up_card)(out, path, card_path, err);
    free(card_path);
    if (!ok)
        model_free(out);
    return ok;
}

void model_free(struct model *m)
{
    checkpoint_close(m->weights);
    free(m->card);
    *m = (struct model){0};
}

/*
 * Publishing weights and card as one. Any thread; no state. It knows which files there are and in
 * which order they go; the bytes are the stores' business.
 *
 * Both are staged before the first takes its place, so that between the two there is only a rename.
 * The old weights are kept at hand meanwhile: should the card's rename fail, they go back.
 */
#include "model/publish.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/file.h"
#include "model/model.h"
#include "model/print.h"
#include "model/publish/name.h"
#include "model/store.h"

struct publication {
    const struct store_options *options;
    const char *path; /* the weights' */
    const char *url;
    char card_path[PUBLISH_PATH_SIZE];
    char card_url[STORE_URL_SIZE];
    char sha256[FILE_SHA256_SIZE];
    char card_sha256[FILE_SHA256_SIZE];
    char old[64]; /* a copy of the weights that were there; empty: there were none */
};

/* Loads the model, which checks all that can be checked of it. */
static bool check(struct publication *p, struct error *err)
{
    struct model model;
    bool has_card;
    if (!file_exists(&has_card, p->card_path, err))
        return false;
    if (!has_card)
        return error_set(err, ERROR_NOT_FOUND, "'%s' has no card '%s' beside it", p->path,
                         p->card_path);
    if (!model_load(&model, p->path, err))
        return false;
    memcpy(p->sha256, model.sha256, sizeof p->sha256);
    file_sha256(p->card_sha256, model.card, strlen(model.card));
    model_free(&model);
    return true;
}

/* Fetches the weights that are there, if any, into a file of its own. */
static bool keep_old(struct publication *p, struct error *err)
{
    struct error why = {0};
    struct store_entry entry;
    const char *folder = secure_getenv("TMPDIR");
    if (!store_look(&entry, p->url, p->options, &why))
        return why.code == ERROR_NOT_FOUND || error_set(err, why.code, "%s", why.text);
    bool fits = print_fits(p->old, sizeof p->old, "%s/digit-XXXXXX", folder ? folder : "/tmp");
    int fd = fits ? mkstemp(p->old) : -1;
    if (fd < 0) {
        p->old[0] = '\0';
        return error_set(err, ERROR_FILE, "no temporary file can be made in '%.60s'; set TMPDIR",
                         folder ? folder : "/tmp");
    }
    (void)close(fd);
    return store_fetch(p->url, p->old, p->options, err);
}

/* Says what became of it. */
static bool put_back(const struct publication *p, const struct error *why, struct error *err)
{
    struct error unsaid = {0};
    bool ok = p->old[0] != '\0' ? store_publish(p->old, p->url, p->options, &unsaid)
                                : store_remove(p->url, p->options, &unsaid);
    return error_set(err, why->code, "the card could not be put in its place (%.120s); %s",
                     why->text, ok ? "what was there before is there again" : "publish both again");
}

static bool commit(const struct publication *p, const struct store_staged *weights,
                   const struct store_staged *card, struct error *err)
{
    struct error why = {0};
    if (!store_commit(weights, p->url, p->options, err))
        return false;
    return store_commit(card, p->card_url, p->options, &why) || put_back(p, &why, err);
}

static bool stage_and_commit(struct publication *p, struct error *err)
{
    struct store_staged weights, card;
    struct error unsaid = {0};
    if (!store_stage(&weights, p->path, p->sha256, p->url, p->options, err))
        return false;
    if (!store_stage(&card, p->card_path, p->card_sha256, p->card_url, p->options, err))
        goto out_remove_weights;
    if (keep_old(p, err) && commit(p, &weights, &card, err))
        return true;
    (void)!store_remove(card.url, p->options, &unsaid);
out_remove_weights:
    (void)!store_remove(weights.url, p->options, &unsaid);
    return false;
}

bool publish_model(const char *path, const char *url, const struct store_options *options,
                   struct error *err)
{
    struct publication p = {.options = options, .path = path, .url = url};
    if (!name_card(p.card_path, sizeof p.card_path, path, err) ||
        !name_card(p.card_url, sizeof p.card_url, url, err) || !check(&p, err))
        return false;
    bool ok = stage_and_commit(&p, err);
    if (p.old[0] != '\0')
        (void)unlink(p.old);
    return ok;
}

/*
 * What happens around a transfer. One thread; the signal handler only sets a flag.
 */
#include "train/transfer.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"
#include "model/print.h"
#include "model/publish.h"
#include "model/publish/name.h"
#include "train/progress.h"

enum { KIB = 1024 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void transfer_catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    interrupted = 0;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
}

bool transfer_was_interrupted(void)
{
    return interrupted != 0;
}

/* ---- progress ------------------------------------------------------------------------------- */

struct watch {
    struct progress progress;
    const char *name;
    uint64_t total; /* of the transfer that is shown */
    uint64_t done;
    FILE *out;
};

static bool go_on(void *context)
{
    (void)context;
    return !interrupted;
}

static size_t kib(uint64_t bytes)
{
    return (size_t)((bytes + KIB - 1) / KIB);
}

/* Where there is no terminal, only what takes long says something. */
static void end(struct watch *w)
{
    if (w->total > 0 && w->progress.tty)
        progress_end(&w->progress, kib(w->done), w->name);
    w->total = 0;
}

/* A model is two files: where the total changes, another bar begins. */
static void on_progress(void *context, uint64_t done, uint64_t total)
{
    struct watch *w = context;
    if (total != w->total || done < w->done) {
        end(w);
        w->total = total;
        progress_begin(&w->progress, w->out, kib(total));
        w->progress.unit = "KiB";
    }
    w->done = done;
    if (total > 0)
        progress_show(&w->progress, kib(done), w->name);
}

static struct store_options watched(const struct store_options *options, struct watch *watch)
{
    struct store_options out = *options;
    out.go_on = go_on;
    out.progress = watch->out == NULL ? NULL : on_progress;
    out.context = watch;
    return out;
}

/* ---- there and back ------------------------------------------------------------------------- */

static bool is_model(const char *path)
{
    static const char suffix[] = ".pth";
    size_t len = strlen(path), end_len = sizeof suffix - 1;
    return len > end_len && strcmp(path + len - end_len, suffix) == 0;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool transfer_takes_model(const char *url)
{
    size_t len = strlen(url);
    return is_model(url) || (len > 0 && url[len - 1] == '/');
}

bool transfer_publish(const char *path, const char *url, const struct store_options *options,
                      FILE *progress, struct error *err)
{
    char whole[STORE_URL_SIZE];
    struct watch watch = {.name = last_part(path), .out = progress};
    const struct store_options o = watched(options, &watch);
    size_t len = strlen(url);
    if (!print_fits(whole, sizeof whole, "%s%s", url,
                    len > 0 && url[len - 1] == '/' ? last_part(path) : ""))
        return error_set(err, ERROR_BAD_ARGUMENT, "'%.60s...' is too long", url);
    bool ok =
        is_model(path) ? publish_model(path, whole, &o, err) : store_publish(path, whole, &o, err);
    end(&watch);
    return ok;
}

/* By way of a folder of its own: only a pair that fits takes the place of another. */
static bool fetch_model(const char *url, const char *path, const struct store_options *options,
                        struct error *err)
{
    const char *tmp = secure_getenv("TMPDIR");
    char folder[1024], weights[1100], card[1100], card_url[STORE_URL_SIZE];
    struct error why = {0};
    if (!name_card(card_url, sizeof card_url, url, err))
        return false;
    if (!print_fits(folder, sizeof folder, "%s/digit-XXXXXX", tmp ? tmp : "/tmp") ||
        mkdtemp(folder) == NULL)
        return error_set(err, ERROR_FILE, "no temporary folder can be made; set TMPDIR");
    (void)snprintf(weights, sizeof weights, "%s/model.pth", folder);
    (void)snprintf(card, sizeof card, "%s/model.json", folder);
    bool ok = store_fetch(card_url, card, options, err) && store_fetch(url, weights, options, err);
    if (ok && !publish_model(weights, path, options, &why))
        ok = error_set(err, why.code, "what came from '%.100s' is not taken: %s", url, why.text);
    (void)unlink(card);
    (void)unlink(weights);
    (void)rmdir(folder);
    return ok;
}

bool transfer_fetch(const char *url, const char *path, const struct store_options *options,
                    FILE *progress, struct error *err)
{
    struct watch watch = {.name = last_part(url), .out = progress};
    const struct store_options o = watched(options, &watch);
    bool ok = is_model(url) ? fetch_model(url, path, &o, err) : store_fetch(url, path, &o, err);
    end(&watch);
    return ok;
}

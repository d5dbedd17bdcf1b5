/*
 * The keeper: the one who knows which model is served and puts another in its place.
 *
 * DESIGN. main loads a local model before anyone asks for it. From then on one thread, the
 * keeper's, looks at the model's location: when it is told to (SIGHUP), when it is time to, and,
 * while a URL does not give what it should, again and again with growing pauses. What it finds it
 * loads and tries out beside the model that is served; only what has computed a full batch takes
 * its place, and whatever else comes of a look, the old one stays. So a look has three outcomes:
 * another model, the same one, or a reason; and each ends in a new `served`, which says so.
 *
 * The mutex guards what other threads tell the keeper, nothing that is served: readers take no lock
 * (server/current.c).
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "server/current.h"
#include "server/log.h"
#include "server/models.h"
#include "server/models/orders.h"
#include "server/models/source.h"

enum {
    SETTLE_MS = 1000,
    PAUSE_MS_MIN = 1000,
    PAUSE_MS_MAX = 30000,
    /* Of one look, in the store; between looks the keeper makes its own pauses. */
    STORE_ATTEMPTS = 2,
};

static const int64_t never = INT64_MAX;

struct models {
    struct models_options options;
    struct source source;
    struct current *current;       /* a struct served */
    struct generation *generation; /* that is served; this and what follows are the keeper's */
    struct served_source status;
    struct source_stamp tried; /* the last files that could be loaded, if they were settled */
    bool has_tried;            /* whether there are any */
    bool unloaded;             /* on someone's order */
    bool unsettled;            /* the last look left files alone that someone may be writing */
    size_t failures;           /* looks in a row that gave a reason */
    bool watching;
    pthread_t thread;
    struct orders *orders;
    enum order_kind carried_out; /* the last one */
};

static bool goes_on(void *context)
{
    struct models *m = context;
    return !orders_stopped(m->orders);
}

/* ---- one look ---- */

static bool is_served(const struct models *m, const struct model *model)
{
    return m->generation != NULL && strcmp(m->generation->model.sha256, model->sha256) == 0 &&
           strcmp(m->generation->model.card, model->card) == 0;
}

/* Leaves *fresh NULL when the model at `path` is the one that is served. */
static bool load_file(struct models *m, const char *path, struct generation **fresh,
                      struct error *err)
{
    struct model model;
    if (!model_load(&model, path, err))
        return false;
    if (is_served(m, &model)) {
        model_free(&model);
        return true;
    }
    return generation_open(fresh, &model, &m->options.generation, err);
}

/* Files that could be loaded are not loaded again, unless `again`. What could not is looked at anew
 * each time: where memory ends, good files may look bad. */
static bool find(struct models *m, bool again, struct generation **fresh, struct error *err)
{
    char path[PUBLISH_PATH_SIZE];
    struct source_stamp stamp;
    m->unsettled = false;
    if (!source_find(&m->source, path, err))
        return false;
    source_stamp(&stamp, path);
    const bool settled = m->source.is_url || source_is_settled(&stamp);
    if (!again && m->has_tried && source_stamps_equal(&stamp, &m->tried))
        return true;
    m->unsettled = !again && !settled;
    if (m->unsettled) {
        *err = m->status.error;
        return err->code == ERROR_NONE;
    }
    m->tried = stamp;
    m->has_tried = load_file(m, path, fresh, err) && settled;
    return err->code == ERROR_NONE;
}

/* When there is nothing to serve, the last good copy will do. */
static void find_copy(struct models *m, struct generation **fresh)
{
    char path[PUBLISH_PATH_SIZE];
    struct error unusable = {0};
    if (source_copy(&m->source, path, &unusable))
        (void)load_file(m, path, fresh, &unusable);
}

static void note_name(struct served_source *status, const struct generation *g)
{
    if (g != NULL)
        memcpy(status->name, g->model.name, sizeof status->name);
}

/* Puts what is served now in the place of what was; a NULL `fresh` leaves the model. */
static bool serve(struct models *m, struct generation *fresh, struct served_source *status,
                  struct error *err)
{
    const struct generation *g = fresh != NULL ? fresh : m->generation;
    struct served *next;
    note_name(status, g);
    if (!served_make(&next, g, status, err))
        return false;
    served_free(current_swap(m->current, next));
    if (fresh != NULL) {
        generation_close(m->generation);
        m->generation = fresh;
    }
    m->status = *status;
    return true;
}

/* One line about a look that someone asked for or that changed something. */
static void log_look(const struct models *m, bool loaded, bool asked, bool changed)
{
    const struct generation *g = m->generation;
    const struct served_source *s = &m->status;
    const bool good = s->error.code == ERROR_NONE;
    if (!loaded && !asked && !changed)
        return;
    if (g == NULL)
        log_line("there is no model yet: %s", s->error.text);
    else if (!loaded && good)
        log_line("still serving %s (%s), which is what %s holds", g->model.name, g->model.version,
                 s->location);
    else if (!loaded)
        log_line("still serving %s (%s): %s", g->model.name, g->model.version, s->error.text);
    else if (good)
        log_line("serving %s (%s) with %s from %s", g->model.name, g->model.version,
                 engine_describe(g->engine), s->location);
    else
        log_line("serving %s (%s) with %s from the copy of %s: %s", g->model.name, g->model.version,
                 engine_describe(g->engine), s->location, s->error.text);
}

static void look(struct models *m, bool asked)
{
    struct served_source next = m->status;
    struct generation *fresh = NULL;
    struct error failure = {0};
    next.error = (struct error){0};
    next.checked = time(NULL);
    next.is_current = find(m, asked, &fresh, &next.error);
    if (orders_stopped(m->orders)) {
        generation_close(fresh);
        return;
    }
    if (!next.is_current && m->generation == NULL)
        find_copy(m, &fresh);
    if (fresh != NULL)
        next.loaded = next.checked;
    if (fresh != NULL || next.is_current != m->status.is_current)
        next.since = next.checked;
    const bool changed = strcmp(next.error.text, m->status.error.text) != 0;
    const bool loaded = fresh != NULL;
    if (serve(m, fresh, &next, &failure)) {
        m->failures = next.is_current ? 0 : m->failures + 1;
        log_look(m, loaded, asked, changed);
    } else {
        generation_close(fresh);
        m->failures++;
        m->has_tried = false; /* nobody has what was loaded */
        log_line("the model was looked at in vain: %s", failure.text);
    }
}

/* ---- loading and unloading ---- */

static void unload(struct models *m, struct error *err)
{
    struct served_source next = m->status;
    struct generation *before = m->generation;
    if (m->unloaded)
        return;
    next.error = (struct error){0};
    error_set(&next.error, ERROR_NOT_READY,
              "the model was unloaded; POST /v2/repository/models/%s/load brings it back",
              next.name);
    next.is_current = false;
    next.since = time(NULL);
    m->generation = NULL;
    if (!serve(m, NULL, &next, err)) {
        m->generation = before;
        return;
    }
    generation_close(before);
    m->unloaded = true;
    m->has_tried = false;
    m->failures = 0;
    log_line("%s was unloaded", next.name);
}

static void load(struct models *m, struct error *err)
{
    m->unloaded = false;
    look(m, true);
    if (orders_stopped(m->orders))
        error_set(err, ERROR_NOT_READY, "the server is stopping");
    else
        *err = m->status.error;
}

/* Those who want the same, one after the other, are served by doing it once. */
static void carry_out(struct models *m, struct order *order)
{
    struct error result = {0};
    for (bool is_first = true; order != NULL; is_first = false) {
        const enum order_kind kind = order->kind;
        if (is_first || kind != m->carried_out) {
            result = (struct error){0};
            (kind == ORDER_LOAD ? load : unload)(m, &result);
            m->carried_out = kind;
        }
        order = orders_end(order, result.code != ERROR_NONE ? &result : NULL);
    }
}

/* ---- the thread ---- */

/* Doubles with every failure, less up to a quarter, so that many servers do not come back at once.
 */
static int64_t pause_ms(size_t failures)
{
    uint8_t dice = 0;
    (void)!getrandom(&dice, sizeof dice, GRND_NONBLOCK);
    int64_t pause = PAUSE_MS_MIN;
    for (size_t i = 1; i < failures && pause < PAUSE_MS_MAX; i++)
        pause = pause < PAUSE_MS_MAX / 2 ? 2 * pause : PAUSE_MS_MAX;
    return pause - pause / 4 * dice / UINT8_MAX;
}

static int64_t next_look(const struct models *m)
{
    if (m->unloaded)
        return never;
    if (m->unsettled)
        return orders_now_ms() + SETTLE_MS;
    if (m->source.is_url && m->failures > 0)
        return orders_now_ms() + pause_ms(m->failures);
    if (m->options.poll_seconds > 0)
        return orders_now_ms() + (int64_t)m->options.poll_seconds * 1000;
    return never;
}

static void *watch(void *context)
{
    struct models *m = context;
    int64_t due = m->source.is_url ? orders_now_ms() : next_look(m);
    for (;;) {
        struct order *orders;
        bool asked;
        orders_wait(m->orders, due, &asked, &orders);
        if (orders_stopped(m->orders)) {
            orders_refuse(orders);
            return NULL;
        }
        if (asked && m->unloaded)
            log_line("the model stays unloaded: %s", m->status.error.text);
        else if (orders == NULL)
            look(m, asked);
        carry_out(m, orders);
        due = next_look(m);
    }
}

/* ---- the interface ---- */

static bool load_first(struct models *m, struct error *err)
{
    m->status.loaded = m->status.checked = m->status.since = time(NULL);
    m->status.location = m->source.location;
    m->status.is_url = m->source.is_url;
    m->status.is_current = !m->source.is_url;
    if (m->source.is_url)
        return true;
    if (!find(m, true, &m->generation, err))
        return false;
    note_name(&m->status, m->generation);
    return true;
}

bool models_open(struct models **out, const struct models_options *options, struct error *err)
{
    struct models *m = calloc(1, sizeof *m);
    struct served *first = NULL;
    if (m == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for models");
    m->options = *options;
    m->options.store.attempts = STORE_ATTEMPTS;
    m->options.store.go_on = goes_on;
    m->options.store.context = m;
    if (!orders_open(&m->orders, err) ||
        !source_open(&m->source, options->location, options->cache, &m->options.store, err) ||
        !load_first(m, err) || !served_make(&first, m->generation, &m->status, err) ||
        !current_open(&m->current, options->seats, first, err)) {
        served_free(first);
        models_close(m);
        return false;
    }
    *out = m;
    return true;
}

const struct generation *models_first(const struct models *m)
{
    return m->generation;
}

/* In the place of the thread that would have taken them. */
static void refuse_orders(struct models *m)
{
    struct order *orders;
    bool asked;
    orders_stop(m->orders);
    orders_wait(m->orders, 0, &asked, &orders);
    orders_refuse(orders);
}

bool models_watch(struct models *m, struct error *err)
{
    int failure = pthread_create(&m->thread, NULL, watch, m);
    if (failure != 0) {
        refuse_orders(m);
        return error_set(err, ERROR_INTERNAL, "cannot start a thread: %s", strerror(failure));
    }
    m->watching = true;
    return true;
}

void models_look(struct models *m)
{
    orders_ask_look(m->orders);
}

bool models_load(struct models *m, order_done *done, void *context, struct error *err)
{
    return orders_give(m->orders, ORDER_LOAD, done, context, err);
}

bool models_unload(struct models *m, order_done *done, void *context, struct error *err)
{
    return orders_give(m->orders, ORDER_UNLOAD, done, context, err);
}

const struct served *models_hold(struct models *m, size_t seat)
{
    return current_hold(m->current, seat);
}

void models_release(struct models *m, size_t seat)
{
    current_release(m->current, seat);
}

void models_end_watch(struct models *m)
{
    if (!m->watching)
        return;
    orders_stop(m->orders);
    pthread_join(m->thread, NULL);
    m->watching = false;
}

void models_close(struct models *m)
{
    if (m == NULL)
        return;
    models_end_watch(m);
    if (m->current != NULL)
        served_free(current_close(m->current));
    generation_close(m->generation);
    orders_close(m->orders);
    free(m);
}

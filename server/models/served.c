/*
 * Writes what the server says about its model. Runs in main, then on the keeper's thread; what is
 * made here is read by all loops. No state.
 */
#include "server/models/served.h"

#include <stdlib.h>

#include "server/api.h"

static bool write_document(enum served_document id, char **out, size_t *len,
                           const struct generation *g, const struct api_source *source,
                           struct error *err)
{
    const struct api_model about = {g->model.name, g->model.version};
    switch (id) {
    case SERVED_HEALTH:
        return api_write_health(out, len, &about, engine_name(g->engine), err);
    case SERVED_READYZ:
        return api_write_ready(out, len, source, err);
    default:
        return api_write_model(out, len, g->model.card, engine_name(g->engine),
                               engine_describe(g->engine), source, err);
    }
}

static bool fill(struct served *s, const struct served_source *source, struct error *err)
{
    const struct api_source about = {
        .location = source->location,
        .is_url = source->is_url,
        .is_current = source->is_current,
        .since = source->since,
        .loaded = source->loaded,
        .checked = source->checked,
        .error = source->error.code != ERROR_NONE ? source->error.text : NULL,
    };
    for (enum served_document id = 0; id < SERVED_DOCUMENTS; id++) {
        struct document *d = &s->documents[id];
        bool written = s->generation != NULL
                           ? write_document(id, &d->owned, &d->len, s->generation, &about, err)
                           : api_write_problem(&d->owned, &d->len, &s->reason, err);
        if (!written)
            return false;
        d->type = s->generation != NULL ? "application/json" : "application/problem+json";
        d->status = s->generation != NULL ? 200 : error_status(s->reason.code);
        d->body = d->owned;
    }
    return true;
}

bool served_make(struct served **out, const struct generation *generation,
                 const struct served_source *source, struct error *err)
{
    struct served *s = calloc(1, sizeof *s);
    if (s == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to say what is served");
    s->generation = generation;
    s->is_current = source->is_current;
    s->loaded = source->loaded;
    if (source->error.code != ERROR_NONE)
        error_set(&s->reason, ERROR_NOT_READY, "there is no model yet: %s", source->error.text);
    else
        error_set(&s->reason, ERROR_NOT_READY, "there is no model yet; it is being fetched");
    if (!fill(s, source, err)) {
        served_free(s);
        return false;
    }
    *out = s;
    return true;
}

void served_free(struct served *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < SERVED_DOCUMENTS; i++)
        free(s->documents[i].owned);
    free(s);
}

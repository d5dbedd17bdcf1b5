/*
 * Writes what the server says about its model. Runs in main, then on the keeper's thread; what is
 * made here is read by all loops. No state.
 */
#include "server/models/served.h"

#include <stdlib.h>
#include <string.h>

#include "server/api.h"
#include "server/openinference.h"

/* While there is a model. */
static bool write_document(enum served_document id, char **out, size_t *len,
                           const struct generation *g, const struct api_source *source,
                           struct error *err)
{
    const struct api_model about = {g->model.name, g->model.version, g->model.confidence};
    switch (id) {
    case SERVED_HEALTH:
        return api_write_health(out, len, &about, engine_name(g->engine), err);
    case SERVED_READYZ:
        return api_write_ready(out, len, source, err);
    case SERVED_MODEL:
        return api_write_model(out, len, g->model.card, engine_name(g->engine),
                               engine_describe(g->engine), source, err);
    default:
        return openinference_write_document(
            out, len, (enum openinference_document)(id - SERVED_V2_READY), &about, err);
    }
}

/* While there is none. */
static bool write_reason(struct document *d, enum served_document id, const struct served *s,
                         struct error *err)
{
    d->status = error_status(s->reason.code);
    if (id < SERVED_V2_READY) {
        d->type = "application/problem+json";
        return api_write_problem(&d->owned, &d->len, &s->reason, err);
    }
    if (id == SERVED_V2_INDEX) {
        d->status = 200;
        return openinference_write_index(&d->owned, &d->len, s->name, &s->reason, err);
    }
    return openinference_write_error(&d->owned, &d->len, &s->reason, err);
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
        d->type = "application/json";
        d->status = 200;
        if (s->generation != NULL
                ? !write_document(id, &d->owned, &d->len, s->generation, &about, err)
                : !write_reason(d, id, s, err))
            return false;
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
    memcpy(s->name, source->name, sizeof s->name);
    if (source->error.code == ERROR_NOT_READY)
        s->reason = source->error;
    else if (source->error.code != ERROR_NONE)
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

/*
 * The documents that no model changes: what the server says about itself. Made in main before the
 * server starts; read by all loops.
 */
#include "server/documents.h"

#include <stdlib.h>

#include "server/api.h"
#include "server/openinference.h"

static bool write_document(enum document_id id, char **out, size_t *len, struct error *err)
{
    switch (id) {
    case DOCUMENT_LIVEZ:
        return api_write_status(out, len, "ok", err);
    case DOCUMENT_VERSION:
        return api_write_version(out, len, "digitd", DIGIT_VERSION, err);
    case DOCUMENT_V2:
        return openinference_write_server(out, len, "digitd", DIGIT_VERSION, err);
    case DOCUMENT_V2_LIVE:
        return openinference_write_live(out, len, err);
    default:
        return api_write_problems(out, len, err);
    }
}

bool documents_make(struct document documents[DOCUMENTS], struct error *err)
{
    for (enum document_id id = 0; id < DOCUMENTS; id++) {
        struct document *d = &documents[id];
        if (!write_document(id, &d->owned, &d->len, err)) {
            documents_free(documents);
            return false;
        }
        d->status = 200;
        d->type = "application/json";
        d->body = d->owned;
    }
    return true;
}

void documents_free(struct document documents[DOCUMENTS])
{
    for (size_t i = 0; i < DOCUMENTS; i++) {
        free(documents[i].owned);
        documents[i] = (struct document){0};
    }
}

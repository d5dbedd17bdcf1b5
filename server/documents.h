/*
 * Answers that stay the same while a model runs: made once, sent as they are.
 */
#ifndef DIGIT_DOCUMENTS_H
#define DIGIT_DOCUMENTS_H

#include <stddef.h>

#include "model/engine.h"
#include "model/error.h"
#include "model/model.h"

enum document_id {
    DOCUMENT_HEALTH,
    DOCUMENT_LIVEZ,
    DOCUMENT_READYZ,
    DOCUMENT_MODEL,
    DOCUMENT_VERSION,
    DOCUMENT_PROBLEMS,
    DOCUMENT_OPENAPI_YAML,
    DOCUMENT_OPENAPI_JSON,
    DOCUMENTS
};

struct document {
    const char *type; /* its content type */
    const char *body;
    size_t len;
    char *owned; /* `body`, where it was made here */
};

/* Fills all documents. */
bool documents_make(struct document documents[DOCUMENTS], const struct model *model,
                    const struct engine *engine, struct error *err) MUST_CHECK;

void documents_free(struct document documents[DOCUMENTS]);

#endif

/*
 * Answers that stay the same while the server runs: made once, sent as they are.
 */
#ifndef DIGIT_DOCUMENTS_H
#define DIGIT_DOCUMENTS_H

#include <stddef.h>

#include "model/error.h"

enum document_id {
    DOCUMENT_LIVEZ,
    DOCUMENT_VERSION,
    DOCUMENT_PROBLEMS,
    DOCUMENT_V2,
    DOCUMENT_V2_LIVE,
    DOCUMENTS
};

struct document {
    int status;
    const char *type; /* its content type */
    const char *body;
    size_t len;
    char *owned; /* `body`, where it was made here */
};

/* Fills all documents. */
bool documents_make(struct document documents[DOCUMENTS], struct error *err) MUST_CHECK;

void documents_free(struct document documents[DOCUMENTS]);

#endif

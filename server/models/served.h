/*
 * What is served at a moment: a model, or the reason why there is none; and the answers that say
 * so. Nothing in it changes.
 */
#ifndef DIGIT_SERVED_H
#define DIGIT_SERVED_H

#include <time.h>

#include "model/error.h"
#include "server/documents.h"
#include "server/models/generation.h"

enum served_document {
    SERVED_HEALTH,
    SERVED_READYZ,
    SERVED_MODEL,
    SERVED_V2_READY,
    SERVED_V2_MODEL,
    SERVED_V2_MODEL_READY,
    SERVED_V2_INDEX,
    SERVED_V1_MODELS,
    SERVED_V1_MODEL,
    SERVED_DOCUMENTS
};

/* How the model that is served stands to the place where it comes from. */
struct served_source {
    char name[MODEL_NAME_SIZE]; /* of the model that was served last; empty: none was */
    const char *location;       /* lent by whoever made this */
    bool is_url;
    bool is_current;    /* the last look found there what is served */
    time_t since;       /* when `is_current` became what it is */
    time_t loaded;      /* when the model that is served was */
    time_t checked;     /* the last look */
    struct error error; /* of the last look; none when it went well */
};

struct served {
    const struct generation *generation; /* lent by whoever made this; NULL: none yet */
    bool is_current;                     /* these three as in served_source */
    time_t loaded;
    char name[MODEL_NAME_SIZE];
    struct error reason; /* why there is none; ERROR_NOT_READY */
    struct document documents[SERVED_DOCUMENTS];
};

/* Without a generation the reason is made from the source's error. */
bool served_make(struct served **out, const struct generation *generation,
                 const struct served_source *source, struct error *err) MUST_CHECK;

/* Accepts NULL. */
void served_free(struct served *s);

#endif

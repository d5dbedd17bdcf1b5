/*
 * The model that is served: where it comes from, and how another takes its place while requests go
 * on.
 *
 * Of `served` there is one at any moment: a model and what the server says about it. A thread that
 * answers requests holds it for the time of one batch or one answer, so that probabilities and the
 * model's name come from the same place; it costs the thread two writes to memory of its own. A
 * keeper's thread, and no other, makes the next one, puts it there, and frees the one before when
 * no thread holds it any more.
 */
#ifndef DIGIT_MODELS_H
#define DIGIT_MODELS_H

#include <stddef.h>

#include "model/engine.h"
#include "model/error.h"
#include "model/store.h"
#include "server/models/generation.h"
#include "server/models/orders.h"
#include "server/models/served.h"

struct models;

/* Texts are lent until models_close. */
struct models_options {
    const char *location; /* a path, or a URL that model/store.h knows */
    const char *cache;    /* a folder for copies of what comes from URLs; NULL: the user's own */
    size_t poll_seconds;  /* between looks at the location; 0: only models_look looks */
    size_t seats;         /* threads that may hold, each with a number below this */
    struct generation_options generation;
    struct store_options store; /* all but `attempts`, `go_on` and `context` */
};

/* Loads the model, when it is named by a path; then a model that cannot be served is an error. One
 * named by a URL is left for models_watch: until it has come, what is served is the reason why
 * there is none. */
bool models_open(struct models **out, const struct models_options *options,
                 struct error *err) MUST_CHECK;

/* Lends the model loaded by models_open, or NULL; until models_watch. */
const struct generation *models_first(const struct models *m);

/* Starts the thread that looks after the location. */
bool models_watch(struct models *m, struct error *err) MUST_CHECK;

/* Has the thread look at the location now, unless the model was unloaded, and log what it finds.
 * Any thread. */
void models_look(struct models *m);

/* Have the thread load what is at the location now, or take the model out of service until
 * models_load. `done` is called on that thread, once it is so or has failed; what was served before
 * a load that fails stays. On failure it is not called. Any thread. */
bool models_load(struct models *m, order_done *done, void *context, struct error *err) MUST_CHECK;
bool models_unload(struct models *m, order_done *done, void *context, struct error *err) MUST_CHECK;

/* Lends what is served until models_release. Called by one thread for each seat, and not twice.
 * Neither blocks. */
const struct served *models_hold(struct models *m, size_t seat);
void models_release(struct models *m, size_t seat);

/* Ends the thread, breaking off a download. What is served stays. */
void models_end_watch(struct models *m);

/* No seat may be held. Accepts NULL. */
void models_close(struct models *m);

#endif

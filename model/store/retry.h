/*
 * Again, where it may help: at the next NameNode at once, and at all of them after a pause.
 */
#ifndef DIGIT_STORE_RETRY_H
#define DIGIT_STORE_RETRY_H

#include "model/error.h"
#include "model/store/webhdfs.h"

/* Calls `attempt` until it succeeds or fails with another error than ERROR_STORE_DOWN, at each
 * NameNode in turn, in as many rounds as the options allow. Between rounds it waits, each time
 * about twice as long (a quarter of a second to eight), by chance up to a half less, so that those
 * who failed together do not come back together. The last error is the one that is told. */
bool retry_run(struct webhdfs *w,
               bool (*attempt)(struct webhdfs *w, void *context, struct error *err), void *context,
               struct error *err) MUST_CHECK;

#endif

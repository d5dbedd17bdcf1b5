/*
 * Finds the trainer, and tells the libraries that come with it how to use the machine, which they
 * read from the environment once, as they are loaded. One thread, before any training.
 */
#include "train/learning/trainer.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/plugin.h"

bool trainer_find(const struct trainer_type **out, size_t threads, struct error *err)
{
    char count[24];
    struct error why = {0};
    const void *symbol;
    (void)snprintf(count, sizeof count, "%zu", threads);
    (void)setenv("OMP_NUM_THREADS", count, 0);
    /* Turns that a thread spins before it sleeps: some microseconds. The default is milliseconds,
     * which another process on the same cores pays for with its time, and then we with ours. */
    (void)setenv("GOMP_SPINCOUNT", "1000", 0);
    (void)setenv("OPENBLAS_NUM_THREADS", count, 0);
    (void)setenv("OPENBLAS_THREAD_TIMEOUT", "14", 0); /* the same there: 2^14 cycles */
    if (!plugin_symbol(&symbol, TRAINER_PLUGIN, TRAINER_SYMBOL, &why))
        return error_set(err, why.code, "training needs libtorch%s: %s",
                         why.code == ERROR_NOT_FOUND ? " (build with libtorch-dev installed)" : "",
                         why.text);
    *out = symbol;
    return true;
}

/*
 * What a training run leaves behind when it ends: figures on the test set, the model and its card,
 * here and in stores.
 */
#ifndef DIGIT_FINISH_H
#define DIGIT_FINISH_H

#include "model/error.h"
#include "train/learning/run.h"
#include "train/options.h"
#include "train/store_options.h"

struct finish_options {
    bool quiet;
    const struct option_list *publish; /* URLs */
    const struct store_flags *store;
};

/* A run that has ended; everything is lent. */
struct finished {
    const struct run *run;
    struct run_end end;
    const struct run_settings *settings;
    const char *text; /* the settings, as options of a command line */
    const struct network *network;
    const struct mnist *train;
    const struct mnist *test;
    const char *path; /* of the weights */
    const struct finish_options *options;
};

/* Tests, saves, publishes, and says so. Of a run that was interrupted it saves what there is, as
 * NAME.interrupted.pth. Gives the exit status; STATUS_FAILED with a filled *err. */
int finish(const struct finished *f, struct error *err);

#endif

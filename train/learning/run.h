/*
 * One training run: epochs of steps, with validation, the best weights kept, early stopping, and
 * interruptions after which it can go on.
 */
#ifndef DIGIT_RUN_H
#define DIGIT_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "model/checkpoint.h"
#include "model/error.h"
#include "model/network.h"
#include "train/dataset/mnist.h"
#include "train/drawing/augment.h"
#include "train/learning/resume.h"
#include "train/learning/schedule.h"
#include "train/learning/trainer.h"

enum run_keep { RUN_KEEP_LAST, RUN_KEEP_LOSS, RUN_KEEP_ACCURACY };

/* All that decides the weights that come out, beside the data, the library and the number of
 * threads. */
struct run_settings {
    const char *recipe; /* "" for none: told in the card */
    const char *network;
    size_t epochs;
    size_t batch;
    size_t optimizer; /* enum trainer_optimizer */
    double momentum;
    bool nesterov;
    double weight_decay;
    double label_smoothing;
    double average;
    struct schedule schedule;
    struct augment augment;
    double plain;      /* share of pictures that stay as they are; see train/learning/batches.h */
    double drawn;      /* share of digits that are made up; see train/learning/batches.h */
    double others;     /* ... and of what is none */
    size_t limit;      /* learn from the first so many pictures; 0: all */
    size_t validation; /* hold back the last so many of these */
    size_t keep;       /* enum run_keep: the weights of the last epoch, or of the best */
    size_t patience;   /* end after so many epochs that were no better; 0: never */
    uint64_t seed;
};

/* What does not. */
struct run_options {
    size_t threads; /* 0: as many as there are physical cores */
    const char *device;
    const char *log;     /* "" for none */
    const char *state;   /* where the state is saved */
    const char *resume;  /* a state to go on from; "" for none */
    size_t save_seconds; /* a state is saved at the end of an epoch, so long after the last one */
    size_t report_every; /* epochs */
    bool quiet;
};

struct run;

/* How a run ended. */
struct run_end {
    bool interrupted; /* by Ctrl-C; its state is saved */
    size_t epochs;    /* whole ones */
    size_t seen;      /* pictures of the epoch that was cut short */
    size_t kept;      /* the whole epochs behind the weights */
    size_t images;    /* learned from */
    size_t validated; /* pictures held back */
    double validation_loss;
    double validation_accuracy;
};

/* Prepares a run. The settings, the options, the network and the training set are lent until
 * run_close; `text` has the settings as options of a command line. Fails on settings that do not go
 * together. */
bool run_open(struct run **out, const struct run_settings *settings,
              const struct run_options *options, const char *text, const struct network *network,
              const struct mnist *train, struct error *err) MUST_CHECK;

/* Trains until the end or until Ctrl-C. */
bool run_train(struct run *r, struct run_end *end, struct error *err) MUST_CHECK;

/* The trainer with the weights that the run found. Both lend until run_close. */
const struct trainer_type *run_trainer(const struct run *r, void **state);

/* Accepts NULL. */
void run_close(struct run *r);

#endif

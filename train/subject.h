/*
 * What a command looks at: a model, and the engine that runs it. The one place where both are
 * chosen, so that every command takes the same options and says the same when one is missing.
 */
#ifndef DIGIT_SUBJECT_H
#define DIGIT_SUBJECT_H

#include <stddef.h>

#include "model/engine.h"
#include "model/model.h"
#include "train/evaluation.h"
#include "train/options.h"

/* What commands take when nothing is said. */
#define SUBJECT_MODEL "model/weights/cnn_mnist.pth"
#define SUBJECT_ENGINE "auto"
#define SUBJECT_DEVICE "cpu"

struct subject_options {
    const char *model; /* the path of the weights */
    const char *engine;
    const char *device;
};

/* Rows for a command's table; `at` is where its struct of options has a subject_options. */
#define SUBJECT_ROW(at, member, name, metavar, initial, help)     \
    {                                                             \
        name, metavar, initial, help, OPTION_TEXT,                \
            (at) + offsetof(struct subject_options, member), 0, 0 \
    }
#define SUBJECT_MODEL_ROW(at) SUBJECT_ROW(at, model, "model", "FILE", SUBJECT_MODEL, "the weights")
#define SUBJECT_ENGINE_ROWS(at)                                                 \
    SUBJECT_ROW(at, engine, "engine", "NAME", SUBJECT_ENGINE, "what computes"), \
        SUBJECT_ROW(at, device, "device", "NAME", SUBJECT_DEVICE, "cpu or cuda")

struct subject {
    struct model model;
    struct engine *engine;
};

/* Loads the model and opens the engine. On failure *out is empty. */
bool subject_open(struct subject *out, const struct subject_options *options,
                  struct error *err) MUST_CHECK;

/* What evaluation_run takes; lends the subject. */
struct evaluation_source subject_source(struct subject *s);

/* Accepts an empty subject. */
void subject_close(struct subject *s);

#endif

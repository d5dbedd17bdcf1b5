/*
 * digit evaluate: a model's figures on MNIST's test images, through the engine that serves them.
 */
#include <stddef.h>
#include <stdio.h>

#include "model/engine.h"
#include "model/model.h"
#include "train/commands.h"
#include "train/dataset.h"
#include "train/evaluation.h"
#include "train/json.h"
#include "train/store_options.h"

struct evaluate_options {
    struct store_flags store;
    const char *data;
    const char *model;
    const char *engine;
    const char *device;
    size_t limit;
    bool json;
    bool quiet;
};

static void print_text(const struct evaluation *e, const struct model *m, const struct engine *eng)
{
    (void)printf("model     %s %s (%s, %zu parameters)\n", m->name, m->version, m->network.name,
                 network_parameter_count(&m->network));
    (void)printf("engine    %s (%s)\n", engine_name(eng), engine_describe(eng));
    (void)printf("images    %zu\n", e->count);
    (void)printf("accuracy  %.2f%% (%zu wrong)\n", evaluation_accuracy(e) * 100,
                 e->count - e->correct);
    (void)printf("loss      %.6f\n\n", evaluation_loss(e));
    (void)printf("digit  images  precision  recall      F1\n");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        struct evaluation_class c = evaluation_class_at(e, i);
        (void)printf("%5zu  %6zu  %9.4f  %6.4f  %6.4f\n", i, c.count, c.precision, c.recall, c.f1);
    }
    (void)printf("\nconfusion matrix: a row for each digit, a column for each answer\n     ");
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        (void)printf(" %5zu", i);
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        (void)printf("\n%5zu", i);
        for (size_t j = 0; j < DIGIT_CLASSES; j++)
            (void)printf(" %5zu", e->confusion[i][j]);
    }
    (void)putchar('\n');
}

static void print_json(const struct evaluation *e, const struct model *m, const struct engine *eng)
{
    (void)printf("{\n  \"model\": {\"name\": ");
    json_text(stdout, m->name);
    (void)printf(", \"version\": ");
    json_text(stdout, m->version);
    (void)printf("},\n  \"engine\": ");
    json_text(stdout, engine_name(eng));
    (void)printf(",\n  \"images\": %zu,\n  \"correct\": %zu,\n  \"accuracy\": %.17g,\n"
                 "  \"loss\": %.17g,\n  \"classes\": [",
                 e->count, e->correct, evaluation_accuracy(e), evaluation_loss(e));
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        struct evaluation_class c = evaluation_class_at(e, i);
        (void)printf("%s\n    {\"digit\": %zu, \"images\": %zu, \"precision\": %.17g, "
                     "\"recall\": %.17g, \"f1\": %.17g}",
                     i ? "," : "", i, c.count, c.precision, c.recall, c.f1);
    }
    (void)printf("\n  ],\n  \"confusion\": [");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        (void)printf("%s\n    [", i ? "," : "");
        for (size_t j = 0; j < DIGIT_CLASSES; j++)
            (void)printf("%s%zu", j ? ", " : "", e->confusion[i][j]);
        (void)putchar(']');
    }
    (void)printf("\n  ]\n}\n");
}

static bool predict_by_engine(void *state, const float *pixels, size_t count, float *probabilities,
                              struct error *err)
{
    return engine_predict(state, pixels, count, probabilities, err);
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    (void)operands;
    (void)operand_count;
    const struct evaluate_options *o = arguments;
    const struct engine_options engine_options = {.device = o->device};
    const struct store_options store = store_options_from(&o->store);
    struct model model;
    struct engine *engine = NULL;
    struct mnist set = {0};
    struct evaluation e;
    if (!model_load(&model, o->model, err))
        return 1;
    bool ok = dataset_load(NULL, &set, o->data, &store, o->quiet ? NULL : stderr, err) &&
              engine_open(&engine, o->engine, &model.network, model.weights, &engine_options, err);
    if (ok) {
        size_t count = o->limit > 0 && o->limit < set.count ? o->limit : set.count;
        const struct evaluation_source source = {predict_by_engine, engine};
        ok = evaluation_run(&e, &source, &set, count, o->quiet ? NULL : stderr, err);
    }
    if (ok)
        (o->json ? print_json : print_text)(&e, &model, engine);
    engine_close(engine);
    mnist_free(&set);
    model_free(&model);
    return ok ? 0 : 1;
}

#define AT(member) offsetof(struct evaluate_options, member)

static const struct option_row rows[] = {
    {"data", "WHERE", "data", "a folder or URL of MNIST's files or prepared records", OPTION_TEXT,
     AT(data), 0, 0},
    {"model", "FILE", DIGIT_MODEL, "the weights", OPTION_TEXT, AT(model), 0, 0},
    {"engine", "NAME", DIGIT_ENGINE, "what computes", OPTION_TEXT, AT(engine), 0, 0},
    {"device", "NAME", "cpu", "cpu or cuda", OPTION_TEXT, AT(device), 0, 0},
    {"limit", "N", "0", "only the first N images; 0 for all", OPTION_COUNT, AT(limit), 0, SIZE_MAX},
    {"json", NULL, NULL, "print JSON", OPTION_FLAG, AT(json), 0, 0},
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, AT(quiet), 0, 0},
    STORE_OPTION_ROWS(struct evaluate_options, store),
};

const struct command command_evaluate = {
    .name = "evaluate",
    .summary = "Measure a model on MNIST's test images",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct evaluate_options),
    .run = run,
};

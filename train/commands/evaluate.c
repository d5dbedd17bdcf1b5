/*
 * digit evaluate: a model's figures on MNIST's test images, through the engine that serves them.
 */
#include <stddef.h>
#include <stdio.h>

#include "train/commands.h"
#include "train/dataset/dataset.h"
#include "train/plot/gallery.h"
#include "train/store_options.h"

struct evaluate_options {
    struct store_flags store;
    const char *data;
    struct subject_options subject;
    const char *out;
    size_t limit;
    bool json;
    bool quiet;
};

static bool evaluate(const struct evaluate_options *o, struct subject *s, const struct mnist *set,
                     struct error *err)
{
    const struct evaluation_source source = subject_source(s);
    const size_t count = o->limit > 0 && o->limit < set->count ? o->limit : set->count;
    struct answers a;
    if (!answers_ask(&a, &source, set, count, o->quiet ? NULL : stderr, err))
        return false;
    (o->json ? verdict_json : verdict_text)(stdout, &a, s);
    bool ok = o->out[0] == '\0' || gallery_fill(o->out, &a, s, set, err);
    answers_free(&a);
    return ok;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    (void)operands;
    (void)operand_count;
    const struct evaluate_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    struct subject subject;
    struct mnist set;
    if ((o->out[0] != '\0' && !gallery_folder(o->out, err)) ||
        !subject_open(&subject, &o->subject, err))
        return 1;
    bool ok = dataset_load(NULL, &set, o->data, &store, o->quiet ? NULL : stderr, err);
    if (ok) {
        ok = evaluate(o, &subject, &set, err);
        mnist_free(&set);
    }
    subject_close(&subject);
    return ok ? 0 : 1;
}

#define AT(member) offsetof(struct evaluate_options, member)

static const struct option_row rows[] = {
    DATASET_ROW(AT(data)),
    SUBJECT_MODEL_ROW(AT(subject)),
    SUBJECT_ENGINE_ROWS(AT(subject)),
    {"out", "FOLDER", "", "write pictures and data there (needs gnuplot)", OPTION_TEXT, AT(out), 0,
     0},
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

/*
 * Figures as text, as JSON and as a table. One thread; changes nothing.
 */
#include "train/lab/verdict.h"

#include "train/json.h"
#include "train/lab/significance.h"

static void print_head(FILE *out, const struct answers *a, const struct subject *s)
{
    const struct evaluation *e = &a->evaluation;
    const struct model *m = &s->model;
    struct significance_interval sure = significance_wilson(e->correct, e->count);
    (void)fprintf(out, "model     %s %s (%s, %zu parameters)\n", m->name, m->version,
                  m->network.name, network_parameter_count(&m->network));
    (void)fprintf(out, "engine    %s (%s)\n", engine_name(s->engine), engine_describe(s->engine));
    (void)fprintf(out, "images    %zu\n", e->count);
    (void)fprintf(out, "accuracy  %.2f%% (%zu wrong)\n", evaluation_accuracy(e) * 100,
                  e->count - e->correct);
    (void)fprintf(out, "interval  %.2f%% to %.2f%% (95%% confidence, Wilson)\n", sure.low * 100,
                  sure.high * 100);
    (void)fprintf(out, "loss      %.6f\n", evaluation_loss(e));
    (void)fprintf(out, "ece       %.6f (expected calibration error, %d bins)\n",
                  calibration_error(&a->calibration), CALIBRATION_BINS);
}

void verdict_text(FILE *out, const struct answers *a, const struct subject *s)
{
    const struct evaluation *e = &a->evaluation;
    print_head(out, a, s);
    (void)fprintf(out, "\ndigit  images  precision  recall      F1\n");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        struct evaluation_class c = evaluation_class_at(e, i);
        (void)fprintf(out, "%5zu  %6zu  %9.4f  %6.4f  %6.4f\n", i, c.count, c.precision, c.recall,
                      c.f1);
    }
    (void)fprintf(out, "\nconfusion matrix: a row for each digit, a column for each answer\n     ");
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        (void)fprintf(out, " %5zu", i);
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        (void)fprintf(out, "\n%5zu", i);
        for (size_t j = 0; j < DIGIT_CLASSES; j++)
            (void)fprintf(out, " %5zu", e->confusion[i][j]);
    }
    (void)fputc('\n', out);
}

static void json_classes(FILE *out, const struct evaluation *e)
{
    (void)fprintf(out, "  \"classes\": [");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        struct evaluation_class c = evaluation_class_at(e, i);
        (void)fprintf(out,
                      "%s\n    {\"digit\": %zu, \"images\": %zu, \"precision\": %.17g, "
                      "\"recall\": %.17g, \"f1\": %.17g}",
                      i ? "," : "", i, c.count, c.precision, c.recall, c.f1);
    }
    (void)fprintf(out, "\n  ],\n  \"confusion\": [");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        (void)fprintf(out, "%s\n    [", i ? "," : "");
        for (size_t j = 0; j < DIGIT_CLASSES; j++)
            (void)fprintf(out, "%s%zu", j ? ", " : "", e->confusion[i][j]);
        (void)fputc(']', out);
    }
    (void)fprintf(out, "\n  ],\n");
}

static void json_calibration(FILE *out, const struct calibration *c)
{
    (void)fprintf(out, "  \"calibration\": {\"error\": %.17g, \"bins\": [", calibration_error(c));
    for (size_t i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *b = &c->bins[i];
        (void)fprintf(out, "%s\n    {\"images\": %zu, \"correct\": %zu, \"confidence\": %.17g}",
                      i ? "," : "", b->count, b->correct,
                      b->count > 0 ? b->confidence_sum / (double)b->count : 0);
    }
    (void)fprintf(out, "\n  ]},\n");
}

static void json_mistakes(FILE *out, const struct answers *a)
{
    uint32_t worst[VERDICT_MISTAKES];
    size_t count = answers_worst(worst, VERDICT_MISTAKES, a);
    (void)fprintf(out, "  \"mistakes\": [");
    for (size_t i = 0; i < count; i++) {
        size_t answer = answers_prediction(a, worst[i]);
        (void)fprintf(out,
                      "%s\n    {\"index\": %u, \"digit\": %u, \"prediction\": %zu, "
                      "\"confidence\": %.9g, \"probability\": %.9g}",
                      i ? "," : "", worst[i], a->labels[worst[i]], answer,
                      answers_probability(a, worst[i], answer),
                      answers_probability(a, worst[i], a->labels[worst[i]]));
    }
    (void)fprintf(out, "\n  ]\n");
}

void verdict_json(FILE *out, const struct answers *a, const struct subject *s)
{
    const struct evaluation *e = &a->evaluation;
    struct significance_interval sure = significance_wilson(e->correct, e->count);
    (void)fprintf(out, "{\n  \"model\": {\"name\": ");
    json_text(out, s->model.name);
    (void)fprintf(out, ", \"version\": ");
    json_text(out, s->model.version);
    (void)fprintf(out, "},\n  \"engine\": ");
    json_text(out, engine_name(s->engine));
    (void)fprintf(out,
                  ",\n  \"images\": %zu,\n  \"correct\": %zu,\n  \"accuracy\": %.17g,\n"
                  "  \"accuracy_interval\": [%.17g, %.17g],\n  \"loss\": %.17g,\n",
                  e->count, e->correct, evaluation_accuracy(e), sure.low, sure.high,
                  evaluation_loss(e));
    json_classes(out, e);
    json_calibration(out, &a->calibration);
    json_mistakes(out, a);
    (void)fprintf(out, "}\n");
}

void verdict_table(FILE *out, const struct answers *a)
{
    (void)fprintf(out, "#index\tdigit\tanswer\tconfidence\tprobability\n");
    for (size_t i = 0; i < a->count; i++) {
        size_t answer = answers_prediction(a, i);
        (void)fprintf(out, "%zu\t%u\t%zu\t%.9g\t%.9g\n", i, a->labels[i], answer,
                      answers_probability(a, i, answer), answers_probability(a, i, a->labels[i]));
    }
}

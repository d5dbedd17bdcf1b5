/*
 * Two models side by side. One thread; changes nothing.
 */
#include "train/lab/comparison.h"

#include <string.h>

#include "train/json.h"

enum { CELL_SIZE = 128, ROWS = 7 };

static const double rare = 0.05;

void comparison_make(struct comparison *out, const struct subject subjects[2],
                     const struct answers answers[2])
{
    *out = (struct comparison){.subjects = subjects, .answers = answers};
    for (size_t i = 0; i < answers[0].count; i++) {
        const bool first = answers_right(&answers[0], i), second = answers_right(&answers[1], i);
        out->both_right += first && second;
        out->only[0] += first && !second;
        out->only[1] += !first && second;
        out->both_wrong += !first && !second;
        out->agreed += answers_prediction(&answers[0], i) == answers_prediction(&answers[1], i);
    }
    out->test = significance_mcnemar(out->only[0], out->only[1]);
}

static void fill_column(char cells[ROWS][CELL_SIZE], const struct subject *s,
                        const struct answers *a)
{
    const struct evaluation *e = &a->evaluation;
    struct significance_interval sure = significance_wilson(e->correct, e->count);
    (void)snprintf(cells[0], CELL_SIZE, "%s %s", s->model.name, s->model.version);
    (void)snprintf(cells[1], CELL_SIZE, "%s", s->model.network.name);
    (void)snprintf(cells[2], CELL_SIZE, "%zu", network_parameter_count(&s->model.network));
    (void)snprintf(cells[3], CELL_SIZE, "%.2f%% (%zu wrong)", evaluation_accuracy(e) * 100,
                   e->count - e->correct);
    (void)snprintf(cells[4], CELL_SIZE, "%.2f%% to %.2f%%", sure.low * 100, sure.high * 100);
    (void)snprintf(cells[5], CELL_SIZE, "%.6f", evaluation_loss(e));
    (void)snprintf(cells[6], CELL_SIZE, "%.6f", calibration_error(&a->calibration));
}

static void print_columns(FILE *out, const struct comparison *c)
{
    static const char *const labels[ROWS] = {"model",    "network", "parameters", "accuracy",
                                             "interval", "loss",    "ece"};
    char cells[2][ROWS][CELL_SIZE];
    int wide = 0;
    for (size_t i = 0; i < 2; i++)
        fill_column(cells[i], &c->subjects[i], &c->answers[i]);
    for (size_t row = 0; row < ROWS; row++)
        wide = (int)strlen(cells[0][row]) > wide ? (int)strlen(cells[0][row]) : wide;
    (void)fprintf(out, "            %-*s  B\n", wide, "A");
    for (size_t row = 0; row < ROWS; row++)
        (void)fprintf(out, "%-10s  %-*s  %s\n", labels[row], wide, cells[0][row], cells[1][row]);
}

static void print_test(FILE *out, const struct comparison *c)
{
    const struct significance_mcnemar *t = &c->test;
    if (t->exact)
        (void)fprintf(out, "McNemar     p = %.4g, by the exact binomial test\n", t->p);
    else
        (void)fprintf(out, "McNemar     p = %.4g, by chi-square with continuity correction: %.3f\n",
                      t->p, t->statistic);
    if (t->p < rare)
        (void)fprintf(out, "            %s is better: chance alone would rarely do that\n",
                      c->only[0] > c->only[1] ? "A" : "B");
    else
        (void)fprintf(out, "            no difference that chance alone would not often make\n");
}

void comparison_text(FILE *out, const struct comparison *c)
{
    const size_t count = c->answers[0].count;
    print_columns(out, c);
    (void)fprintf(out, "\nimages      %zu\n", count);
    (void)fprintf(out, "agreement   %.2f%% (%zu answers differ)\n",
                  100 * (double)c->agreed / (double)count, count - c->agreed);
    (void)fprintf(out, "both right  %zu\nonly A      %zu\nonly B      %zu\nboth wrong  %zu\n",
                  c->both_right, c->only[0], c->only[1], c->both_wrong);
    print_test(out, c);
}

static void json_model(FILE *out, const struct subject *s, const struct answers *a)
{
    const struct evaluation *e = &a->evaluation;
    struct significance_interval sure = significance_wilson(e->correct, e->count);
    (void)fprintf(out, "    {\"name\": ");
    json_text(out, s->model.name);
    (void)fprintf(out, ", \"version\": ");
    json_text(out, s->model.version);
    (void)fprintf(out,
                  ", \"correct\": %zu, \"accuracy\": %.17g, \"accuracy_interval\": [%.17g, %.17g],"
                  " \"loss\": %.17g, \"calibration_error\": %.17g}",
                  e->correct, evaluation_accuracy(e), sure.low, sure.high, evaluation_loss(e),
                  calibration_error(&a->calibration));
}

void comparison_json(FILE *out, const struct comparison *c)
{
    (void)fprintf(out, "{\n  \"models\": [\n");
    json_model(out, &c->subjects[0], &c->answers[0]);
    (void)fprintf(out, ",\n");
    json_model(out, &c->subjects[1], &c->answers[1]);
    (void)fprintf(out,
                  "\n  ],\n  \"images\": %zu,\n  \"agreed\": %zu,\n  \"both_right\": %zu,\n"
                  "  \"only_first\": %zu,\n  \"only_second\": %zu,\n  \"both_wrong\": %zu,\n",
                  c->answers[0].count, c->agreed, c->both_right, c->only[0], c->only[1],
                  c->both_wrong);
    (void)fprintf(out, "  \"mcnemar\": {\"test\": \"%s\", ",
                  c->test.exact ? "exact" : "chi-square");
    if (!c->test.exact)
        (void)fprintf(out, "\"statistic\": %.17g, ", c->test.statistic);
    (void)fprintf(out, "\"p\": %.17g}\n}\n", c->test.p);
}

size_t comparison_differences(uint32_t *indices, size_t max, const struct comparison *c)
{
    const struct answers *a = c->answers;
    size_t count = 0;
    for (int both_wrong = 0; both_wrong < 2; both_wrong++) {
        for (size_t i = 0; i < a[0].count && count < max; i++) {
            const bool neither = !answers_right(&a[0], i) && !answers_right(&a[1], i);
            if (answers_prediction(&a[0], i) != answers_prediction(&a[1], i) &&
                neither == (both_wrong == 1))
                indices[count++] = (uint32_t)i;
        }
    }
    return count;
}

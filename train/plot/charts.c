/*
 * Figures of numbers: curves, confusion, reliability. One thread; what they look like stands in the
 * scripts.
 */
#include "train/plot/charts.h"

#include <math.h>
#include <stdio.h>

#include "train/lab/significance.h"
#include "train/plot/figure.h"
#include "train/plot/scripts.h"

enum { TITLE_SIZE = 160 };

/* A share of mistakes is drawn no smaller: nothing has no place on a logarithmic axis. */
static const double least_mistakes = 1e-4;

static bool open_titled(struct figure *f, const char *folder, const char *name, const char *what,
                        const char *model, struct error *err)
{
    char title[TITLE_SIZE];
    (void)snprintf(title, sizeof title, "%s of %s", what, model);
    return figure_open(f, folder, name, title, err);
}

static void print_number(FILE *out, double value, char end)
{
    (void)(isfinite(value) ? fprintf(out, "%.9g%c", value, end) : fprintf(out, "NaN%c", end));
}

static bool is_validated(const struct metrics *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (isfinite(m->rows[i].validation_loss) || isfinite(m->rows[i].validation_accuracy))
            return true;
    return false;
}

/* What a logarithmic axis spans. */
struct span {
    double low;
    double high;
};

static void take(struct span *s, double value)
{
    if (isfinite(value) && value > 0) {
        s->low = fmin(s->low, value);
        s->high = fmax(s->high, value);
    }
}

/* With room at both ends, and never so little that no round number lies in it. */
static void set_span(struct figure *f, const char *low, const char *high, struct span s)
{
    if (s.low > s.high)
        s = (struct span){0.1, 1};
    double room = s.high / s.low < 2 ? 1.6 : pow(s.high / s.low, 0.05);
    figure_set(f, low, s.low / room);
    figure_set(f, high, s.high * room);
}

static void set_spans(struct figure *f, const struct metrics *m)
{
    struct span loss = {INFINITY, 0}, mistakes = {INFINITY, 0};
    for (size_t i = 0; i < m->count; i++) {
        const struct metrics_row *r = &m->rows[i];
        take(&loss, r->loss);
        take(&loss, r->validation_loss);
        /* fmax would make a number of a NaN. */
        if (isfinite(r->accuracy))
            take(&mistakes, fmax(1 - r->accuracy, least_mistakes));
        if (isfinite(r->validation_accuracy))
            take(&mistakes, fmax(1 - r->validation_accuracy, least_mistakes));
    }
    figure_set(f, "least_mistakes", least_mistakes);
    set_span(f, "loss_low", "loss_high", loss);
    set_span(f, "mistakes_low", "mistakes_high", mistakes);
}

bool charts_curves(const char *folder, const char *model, const struct metrics *m,
                   struct error *err)
{
    struct figure f;
    if (!open_titled(&f, folder, "curves", "Training", model, err))
        return false;
    bool validated = is_validated(m);
    FILE *out = figure_data(&f);
    (void)fprintf(out, "#epoch\tloss\taccuracy\tvalidation_loss\tvalidation_accuracy\t"
                       "learning_rate\timages_per_second\n");
    for (size_t i = 0; i < m->count; i++) {
        const struct metrics_row *r = &m->rows[i];
        print_number(out, r->epoch, '\t');
        print_number(out, r->loss, '\t');
        print_number(out, r->accuracy, '\t');
        print_number(out, r->validation_loss, '\t');
        print_number(out, r->validation_accuracy, '\t');
        print_number(out, r->learning_rate, '\t');
        print_number(out, r->images_per_second, '\n');
    }
    figure_subtitle(&f, "epochs %g to %g%s", m->rows[0].epoch, m->rows[m->count - 1].epoch,
                    validated ? "; validation images were not trained on" : "");
    figure_set(&f, "validated", validated);
    figure_set(&f, "first_epoch", m->rows[0].epoch);
    figure_set(&f, "last_epoch", m->rows[m->count - 1].epoch);
    set_spans(&f, m);
    bool ok = figure_draw(&f, script_curves, err);
    figure_close(&f);
    return ok;
}

static size_t worst_cell(const struct evaluation *e)
{
    size_t worst = 0;
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        for (size_t j = 0; j < DIGIT_CLASSES; j++)
            if (i != j && e->confusion[i][j] > worst)
                worst = e->confusion[i][j];
    return worst;
}

bool charts_confusion(const char *folder, const char *model, const struct evaluation *e,
                      struct error *err)
{
    char number[FIGURE_NUMBER_SIZE];
    struct figure f;
    if (!open_titled(&f, folder, "confusion", "Confusion matrix", model, err))
        return false;
    FILE *out = figure_data(&f);
    (void)fprintf(out, "#digit\tanswer\timages\n");
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        for (size_t j = 0; j < DIGIT_CLASSES; j++)
            (void)fprintf(out, "%zu\t%zu\t%zu\n", i, j, e->confusion[i][j]);
    (void)fprintf(out, "\n\n#digit\tprecision\trecall\n");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        struct evaluation_class c = evaluation_class_at(e, i);
        (void)fprintf(out, "%zu\t%.9g\t%.9g\n", i, c.precision, c.recall);
    }
    figure_subtitle(&f, "%s test images, %zu wrong: accuracy %.2f%%",
                    figure_number(number, e->count), e->count - e->correct,
                    evaluation_accuracy(e) * 100);
    figure_set(&f, "worst", (double)worst_cell(e));
    bool ok = figure_draw(&f, script_confusion, err);
    figure_close(&f);
    return ok;
}

bool charts_reliability(const char *folder, const char *model, const struct calibration *c,
                        struct error *err)
{
    char number[FIGURE_NUMBER_SIZE];
    struct figure f;
    if (!open_titled(&f, folder, "reliability", "Reliability", model, err))
        return false;
    FILE *out = figure_data(&f);
    (void)fprintf(out, "#low\thigh\timages\tconfidence\taccuracy\tinterval_low\tinterval_high\n");
    for (size_t i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *b = &c->bins[i];
        struct significance_interval sure = significance_wilson(b->correct, b->count);
        if (b->count == 0)
            continue;
        (void)fprintf(out, "%.9g\t%.9g\t%zu\t%.9g\t%.9g\t%.9g\t%.9g\n",
                      (double)i / CALIBRATION_BINS, (double)(i + 1) / CALIBRATION_BINS, b->count,
                      b->confidence_sum / (double)b->count, (double)b->correct / (double)b->count,
                      sure.low, sure.high);
    }
    figure_subtitle(&f, "expected calibration error %.2f%% over %d bins, %s test images",
                    calibration_error(c) * 100, CALIBRATION_BINS, figure_number(number, c->count));
    bool ok = figure_draw(&f, script_reliability, err);
    figure_close(&f);
    return ok;
}

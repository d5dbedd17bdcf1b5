/*
 * digit report: one page about one training run, with all of its pictures.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "train/commands.h"
#include "train/dataset/dataset.h"
#include "train/lab/metrics.h"
#include "train/lab/significance.h"
#include "train/plot/charts.h"
#include "train/plot/figure.h"
#include "train/plot/gallery.h"
#include "train/plot/page.h"
#include "train/store_options.h"

struct report_options {
    struct store_flags store;
    const char *data;
    struct subject_options subject;
    const char *log;
    const char *out;
    size_t limit;
    bool quiet;
};

/* What the page is made from. */
struct report {
    const char *folder;
    const struct subject *subject;
    const struct answers *answers;
    const struct metrics *metrics; /* empty where there is no log */
};

static void print_summary(struct page *p, const struct report *r)
{
    const struct model *m = &r->subject->model;
    const struct evaluation *e = &r->answers->evaluation;
    char images[FIGURE_NUMBER_SIZE], parameters[FIGURE_NUMBER_SIZE];
    struct significance_interval sure = significance_wilson(e->correct, e->count);
    (void)fprintf(p->text.out, "<p>Network ");
    page_text(p, m->network.name);
    (void)fprintf(p->text.out, ", version %s, measured by the engine: ", m->version);
    page_text(p, engine_describe(r->subject->engine));
    (void)fprintf(p->text.out, ", on MNIST's test images.</p>\n");
    page_numbers_begin(p);
    page_number(p, "Accuracy", "%.2f%%<small>95%%: %.2f–%.2f%%</small>",
                evaluation_accuracy(e) * 100, sure.low * 100, sure.high * 100);
    page_number(p, "Mistakes", "%zu<small>of %s</small>", e->count - e->correct,
                figure_number(images, e->count));
    page_number(p, "Loss", "%.4f<small>cross entropy</small>", evaluation_loss(e));
    page_number(p, "Calibration error", "%.2f%%<small>%d bins</small>",
                calibration_error(&r->answers->calibration) * 100, CALIBRATION_BINS);
    page_number(p, "Parameters", "%s<small>float32</small>",
                figure_number(parameters, network_parameter_count(&m->network)));
    page_numbers_end(p);
}

static bool print_training(struct page *p, const struct report *r, struct error *err)
{
    if (r->metrics->count == 0)
        return true;
    const struct metrics_row *last = &r->metrics->rows[r->metrics->count - 1];
    page_heading(p, "Training");
    (void)fprintf(p->text.out, "<p>%g epochs", last->epoch);
    if (isfinite(last->seconds))
        (void)fprintf(p->text.out, " in %.1f s", last->seconds);
    (void)fprintf(p->text.out, ".</p>\n");
    return page_figure(p, "curves", "Loss and accuracy over the epochs", err);
}

static bool print_results(struct page *p, const struct report *r, struct error *err)
{
    const struct evaluation *e = &r->answers->evaluation;
    page_heading(p, "Right and wrong");
    if (!page_figure(p, "confusion", "How many images of each digit got each answer", err))
        return false;
    (void)fprintf(p->text.out, "<table>\n<tr><th>digit</th><th>images</th><th>precision</th>"
                               "<th>recall</th><th>F1</th></tr>\n");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        struct evaluation_class c = evaluation_class_at(e, i);
        (void)fprintf(p->text.out,
                      "<tr><td>%zu</td><td>%zu</td><td>%.4f</td><td>%.4f</td><td>%.4f</td></tr>\n",
                      i, c.count, c.precision, c.recall, c.f1);
    }
    (void)fprintf(p->text.out, "</table>\n");
    page_heading(p, "Calibration");
    if (!page_figure(p, "reliability", "Share of right answers by how sure the model was", err))
        return false;
    page_heading(p, "Predictions");
    if (!page_figure(p, "predictions", "Random test images with the model's answers", err))
        return false;
    if (e->correct == e->count)
        return true;
    page_heading(p, "Mistakes");
    return page_figure(p, "mistakes", "The mistakes in which the right digit was least probable",
                       err);
}

static bool write_page(const struct report *r, struct error *err)
{
    struct page p;
    const struct model *m = &r->subject->model;
    if (!page_open(&p, r->folder, m->name, err))
        return false;
    print_summary(&p, r);
    bool ok = print_training(&p, r, err) && print_results(&p, r, err);
    if (ok) {
        page_heading(&p, "Provenance");
        (void)fprintf(p.text.out,
                      "<p>SHA-256 of the weights: %s</p>\n<details>\n"
                      "<summary>Model card</summary>\n<pre>",
                      m->sha256);
        page_text(&p, m->card);
        (void)fprintf(p.text.out, "</pre>\n</details>\n");
        ok = page_write(&p, err);
    }
    page_close(&p);
    return ok;
}

static bool report(const struct report_options *o, struct subject *s, const struct metrics *m,
                   const struct mnist *set, struct error *err)
{
    const struct evaluation_source source = subject_source(s);
    const size_t count = o->limit > 0 && o->limit < set->count ? o->limit : set->count;
    struct answers a;
    if (!answers_ask(&a, &source, set, count, o->quiet ? NULL : stderr, err))
        return false;
    const struct report r = {o->out, s, &a, m};
    bool ok = gallery_fill(o->out, &a, s, set, err) &&
              (m->count == 0 || charts_curves(o->out, s->model.name, m, err)) &&
              write_page(&r, err);
    if (ok)
        (void)printf("%s/report.html: accuracy %.2f%%, %s\n", o->out,
                     evaluation_accuracy(&a.evaluation) * 100,
                     m->count > 0 ? "with the curves of its training"
                                  : "without curves (they need --log)");
    answers_free(&a);
    return ok;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    (void)operands;
    (void)operand_count;
    const struct report_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    struct subject subject = {0};
    struct metrics metrics = {0};
    struct mnist set = {0};
    bool ok = gallery_folder(o->out, err) &&
              (o->log[0] == '\0' || metrics_read(&metrics, o->log, err)) &&
              subject_open(&subject, &o->subject, err) &&
              dataset_load(NULL, &set, o->data, &store, o->quiet ? NULL : stderr, err) &&
              report(o, &subject, &metrics, &set, err);
    mnist_free(&set);
    subject_close(&subject);
    metrics_free(&metrics);
    return ok ? 0 : 1;
}

#define AT(member) offsetof(struct report_options, member)

static const struct option_row rows[] = {
    DATASET_ROW(AT(data)),
    SUBJECT_MODEL_ROW(AT(subject)),
    SUBJECT_ENGINE_ROWS(AT(subject)),
    {"log", "FILE", "", "what train --log wrote, for the curves", OPTION_TEXT, AT(log), 0, 0},
    {"out", "FOLDER", "report", "where the page and its pictures go", OPTION_TEXT, AT(out), 0, 0},
    {"limit", "N", "0", "only the first N images; 0 for all", OPTION_COUNT, AT(limit), 0, SIZE_MAX},
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, AT(quiet), 0, 0},
    STORE_OPTION_ROWS(struct report_options, store),
};

const struct command command_report = {
    .name = "report",
    .summary = "Write report.html about a model and its training, and all pictures (needs gnuplot)",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct report_options),
    .run = run,
};

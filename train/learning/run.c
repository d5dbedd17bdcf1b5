/*
 * The loop around a trainer. Batches are made by a thread of their own (train/learning/batches.h);
 * the rest is done by the thread that calls. Knows nothing of the files that a run leaves in the
 * end.
 *
 * Equal settings on an equal machine and libtorch give equal bytes: our own shuffle, libtorch's
 * deterministic algorithms, nothing from the clock; however often the run was interrupted.
 */
#include "train/learning/run.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/print.h"
#include "train/evaluation.h"
#include "train/learning/batches.h"
#include "train/learning/cores.h"
#include "train/learning/metrics_log.h"
#include "train/progress.h"

struct run {
    const struct run_settings *settings;
    const struct run_options *options;
    char text[RESUME_SETTINGS_SIZE]; /* all that a run that goes on must have in common */
    struct mnist train;              /* windows on the caller's set */
    struct mnist validation;
    const struct trainer_type *type;
    void *trainer;
    struct batches *batches;
    FILE *log;
    struct progress progress;
    struct resume_point at;
    struct checkpoint *best; /* owned; NULL while none is kept */
    double rate;             /* of the last step */
    double validation_loss;  /* of the last epoch */
    double validation_accuracy;
    double started; /* when at.seconds was 0, were there no interruptions */
    double saved;   /* when the state was saved last */
    double epoch_started;
    size_t epoch_from; /* pictures of the epoch that were seen before that */
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* The handler works once: a second Ctrl-C ends the program at once. */
static void catch_interrupt(struct sigaction *before)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    interrupted = 0;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, before);
}

/* ---- opening -------------------------------------------------------------------------------- */

static bool split(struct run *r, const struct mnist *set, struct error *err)
{
    const struct run_settings *s = r->settings;
    size_t used = s->limit > 0 && s->limit < set->count ? s->limit : set->count;
    if (s->validation >= used)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "--validation is %zu, and there are %zu images; some must be left to "
                         "learn from",
                         s->validation, used);
    if (s->validation == 0 && (s->keep != RUN_KEEP_LAST || s->patience > 0))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "--%s needs images to validate with; say how "
                         "many: --validation N",
                         s->patience > 0 ? "patience" : "keep");
    r->train = r->validation = *set;
    r->train.count = used - s->validation;
    r->validation.count = s->validation;
    r->validation.pixels += r->train.count * DIGIT_PIXELS;
    r->validation.labels += r->train.count;
    return true;
}

static bool open_trainer(struct run *r, const struct network *network, struct error *err)
{
    const struct run_settings *s = r->settings;
    size_t threads = r->options->threads > 0 ? r->options->threads : cores_physical();
    const struct trainer_options options = {
        .seed = s->seed,
        .threads = threads,
        .device = r->options->device,
        .optimizer = (enum trainer_optimizer)s->optimizer,
        .momentum = s->momentum,
        .nesterov = s->nesterov,
        .weight_decay = s->weight_decay,
        .label_smoothing = s->label_smoothing,
        .average = s->average,
    };
    return trainer_find(&r->type, threads, err) &&
           r->type->open(&r->trainer, network, &options, err);
}

/* What a state must agree with: the settings, and what else the weights depend on. */
static bool describe(struct run *r, const char *text, const struct network *network,
                     const struct mnist *set, struct error *err)
{
    return print_fits(r->text, sizeof r->text,
                      "%s --threads=%zu (%zu parameters, %zu images %.8s, %s)", text,
                      r->type->threads(r->trainer), network_parameter_count(network), set->count,
                      set->images_sha256, r->type->describe(r->trainer)) ||
           error_set(err, ERROR_BAD_ARGUMENT, "too many options differ from the defaults");
}

static bool start_batches(struct run *r, struct error *err)
{
    const struct batches_plan plan = {
        .set = &r->train,
        .batch = r->settings->batch,
        .epochs = r->settings->epochs,
        .seed = r->settings->seed,
        .augment = r->settings->augment,
        .plain = r->settings->plain,
        .drawn = r->settings->drawn,
        .others = r->settings->others,
        .epoch = r->at.epoch,
        .place = r->at.seen,
    };
    return batches_start(&r->batches, &plan, err);
}

bool run_open(struct run **out, const struct run_settings *settings,
              const struct run_options *options, const char *text, const struct network *network,
              const struct mnist *train, struct error *err)
{
    struct run *r = calloc(1, sizeof *r);
    if (r == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for a training run");
    r->settings = settings;
    r->options = options;
    bool resumes = *options->resume != '\0';
    if (split(r, train, err) && open_trainer(r, network, err) &&
        describe(r, text, network, train, err) &&
        (!resumes ||
         resume_load(options->resume, r->text, &r->at, &r->best, r->type, r->trainer, err)) &&
        metrics_log_open(&r->log, options->log, r->at.log_len, err) && start_batches(r, err)) {
        *out = r;
        return true;
    }
    run_close(r);
    return false;
}

void run_close(struct run *r)
{
    if (r == NULL)
        return;
    batches_stop(r->batches);
    metrics_log_close(r->log);
    checkpoint_close(r->best);
    if (r->trainer != NULL)
        r->type->close(r->trainer);
    free(r);
}

const struct trainer_type *run_trainer(const struct run *r, void **state)
{
    *state = r->trainer;
    return r->type;
}

/* ---- an epoch ------------------------------------------------------------------------------- */

static size_t steps_in_epoch(const struct run *r)
{
    return (r->train.count + r->settings->batch - 1) / r->settings->batch;
}

static bool train_batch(struct run *r, const struct batch *batch, struct error *err)
{
    double loss;
    size_t correct, epoch_steps = steps_in_epoch(r);
    r->rate = schedule_rate(&r->settings->schedule, r->at.step, epoch_steps * r->settings->epochs,
                            epoch_steps);
    if (!r->type->step(r->trainer, batch->pixels, batch->labels, batch->count, r->rate, &loss,
                       &correct, err))
        return false;
    if (!isfinite(loss))
        return error_set(err, ERROR_ENGINE,
                         "the loss is not finite any more in epoch %zu; lower --learning-rate",
                         r->at.epoch + 1);
    r->at.loss_sum += loss * (double)batch->count;
    r->at.seen += batch->count;
    r->at.correct += correct;
    r->at.step++;
    return true;
}

static void show(struct run *r, const char *more,
                 void (*how)(struct progress *, size_t, const char *))
{
    char note[160];
    double seen = (double)r->at.seen;
    (void)snprintf(note, sizeof note, "epoch %zu/%zu  loss %.4f  accuracy %.2f%%%s",
                   r->at.epoch + 1, r->settings->epochs, r->at.loss_sum / seen,
                   100 * (double)r->at.correct / seen, more);
    how(&r->progress, r->at.epoch * r->train.count + r->at.seen, note);
}

static bool is_better(const struct run *r, const struct evaluation *e)
{
    double loss = evaluation_loss(e), accuracy = evaluation_accuracy(e);
    if (r->at.best_epoch == 0)
        return true;
    if (r->settings->keep == RUN_KEEP_ACCURACY && accuracy != r->at.best_accuracy)
        return accuracy > r->at.best_accuracy;
    return loss < r->at.best_loss;
}

/* Equal accuracies are told apart by their losses. */
static bool validate(struct run *r, struct evaluation *e, struct error *err)
{
    const struct evaluation_source source = {r->type->predict, r->trainer};
    if (!evaluation_run(e, &source, &r->validation, r->validation.count, NULL, err))
        return false;
    r->validation_loss = evaluation_loss(e);
    r->validation_accuracy = evaluation_accuracy(e);
    if (!is_better(r, e))
        return true;
    r->at.best_epoch = r->at.epoch + 1;
    r->at.best_loss = r->validation_loss;
    r->at.best_accuracy = r->validation_accuracy;
    if (r->settings->keep == RUN_KEEP_LAST)
        return true;
    checkpoint_close(r->best);
    r->best = NULL;
    return r->type->weights(r->trainer, &r->best, err);
}

static bool write_log(struct run *r, const struct evaluation *e, struct error *err)
{
    double seen = (double)r->at.seen, here = (double)(r->at.seen - r->epoch_from);
    double took = progress_clock() - r->epoch_started;
    const struct metrics_line line = {
        .epoch = r->at.epoch + 1,
        .step = r->at.step,
        .loss = r->at.loss_sum / seen,
        .accuracy = (double)r->at.correct / seen,
        .validated = e->count > 0,
        .validation_loss = evaluation_loss(e),
        .validation_accuracy = evaluation_accuracy(e),
        .learning_rate = r->rate,
        .images_per_second = took > 0 ? here / took : 0,
        .seconds = progress_clock() - r->started,
    };
    return metrics_log_add(r->log, &line, err);
}

static bool save_state(struct run *r, struct error *err)
{
    r->saved = progress_clock();
    r->at.seconds = r->saved - r->started;
    r->at.log_len = metrics_log_len(r->log);
    return resume_save(r->options->state, r->text, &r->at, r->best, r->type, r->trainer, err);
}

/* A run that has ended needs no state. */
static bool save_state_if_due(struct run *r, bool is_last, struct error *err)
{
    bool due = progress_clock() - r->saved >= (double)r->options->save_seconds;
    return is_last || interrupted || !due || save_state(r, err);
}

static bool is_last(const struct run *r)
{
    size_t whole = r->at.epoch + 1;
    return whole == r->settings->epochs ||
           (r->settings->patience > 0 && whole - r->at.best_epoch >= r->settings->patience);
}

/* Validates, writes down, and goes over to the next epoch. *ends when there is none. */
static bool end_epoch(struct run *r, bool *ends, struct error *err)
{
    struct evaluation e = {0};
    char more[64] = "";
    double trained = progress_clock();
    if (r->validation.count > 0) {
        if (!validate(r, &e, err))
            return false;
        (void)snprintf(more, sizeof more, "  validation %.4f %.2f%%", evaluation_loss(&e),
                       100 * evaluation_accuracy(&e));
    }
    /* Images a second are those of training. */
    r->epoch_started += progress_clock() - trained;
    if (!write_log(r, &e, err))
        return false;
    *ends = is_last(r);
    show(r, more,
         *ends || (r->at.epoch + 1) % r->options->report_every == 0 ? progress_end : progress_show);
    r->at.epoch++;
    r->at.seen = r->at.correct = 0;
    r->at.loss_sum = 0;
    r->epoch_from = 0;
    r->epoch_started = progress_clock();
    return save_state_if_due(r, *ends, err);
}

/* ---- the run -------------------------------------------------------------------------------- */

static bool train_batches(struct run *r, bool *ends, struct error *err)
{
    struct batch batch;
    *ends = false;
    while (!*ends && !interrupted && batches_next(r->batches, &batch)) {
        if (!train_batch(r, &batch, err))
            return false;
        if (r->at.seen == r->train.count) {
            if (!end_epoch(r, ends, err))
                return false;
        } else {
            show(r, "", progress_show);
        }
    }
    return true;
}

static void fill_end(const struct run *r, struct run_end *end, bool ended)
{
    bool is_best = r->best != NULL && ended;
    *end = (struct run_end){
        .interrupted = !ended,
        .epochs = r->at.epoch,
        .seen = r->at.seen,
        .kept = is_best ? r->at.best_epoch : r->at.epoch,
        .images = r->train.count,
        .validated = ended ? r->validation.count : 0,
        .validation_loss = is_best ? r->at.best_loss : r->validation_loss,
        .validation_accuracy = is_best ? r->at.best_accuracy : r->validation_accuracy,
    };
}

bool run_train(struct run *r, struct run_end *end, struct error *err)
{
    struct sigaction before;
    bool ended = false;
    progress_begin(&r->progress, r->options->quiet ? NULL : stderr,
                   r->settings->epochs * r->train.count);
    r->saved = r->epoch_started = progress_clock();
    r->started = r->saved - r->at.seconds;
    r->progress.started = r->started;
    r->epoch_from = r->at.seen;
    catch_interrupt(&before);
    bool ok = train_batches(r, &ended, err);
    (void)sigaction(SIGINT, &before, NULL);
    if (!ok)
        return false;
    if (!ended && r->at.seen > 0)
        show(r, "", progress_end);
    fill_end(r, end, ended);
    if (!ended)
        return save_state(r, err);
    return r->best == NULL || r->type->load(r->trainer, r->best, err);
}

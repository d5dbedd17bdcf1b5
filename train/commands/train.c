/*
 * digit train: the command line of a training run. The run itself is train/learning/run.c; what it
 * leaves behind, train/learning/finish.c.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/file.h"
#include "model/network_file.h"
#include "train/commands.h"
#include "train/dataset/dataset.h"
#include "train/learning/finish.h"
#include "train/learning/recipe.h"
#include "train/learning/run.h"
#include "train/learning/save.h"
#include "train/store_options.h"
#include "train/transfer.h"

enum { EPOCHS_MAX = 100000, BATCH_MAX = 1000000, THREADS_MAX = 1024 };

struct train_options {
    struct run_settings settings; /* first: see options_text */
    struct run_options run;
    const char *data;
    const char *out;
    struct option_list publish;
    struct store_flags store;
};

struct data {
    struct mnist train;
    struct mnist test;
};

static bool load_data(struct data *data, const struct train_options *o, struct error *err)
{
    const struct store_options store = store_options_from(&o->store);
    return dataset_load(&data->train, &data->test, o->data, &store, o->run.quiet ? NULL : stderr,
                        err);
}

static void free_data(struct data *data)
{
    mnist_free(&data->train);
    mnist_free(&data->test);
}

/* What is certain to be refused in the end is refused at the start. */
static bool check_urls(const struct option_list *urls, struct error *err)
{
    for (size_t i = 0; i < urls->count; i++)
        if (!transfer_takes_model(urls->items[i]))
            return error_set(err, ERROR_BAD_ARGUMENT,
                             "--publish is '%s'; it must end in NAME.pth or in a slash",
                             urls->items[i]);
    return true;
}

static bool check_settings(const struct run_settings *s, struct error *err)
{
    if (s->nesterov && (s->optimizer != TRAINER_SGD || s->momentum == 0))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "--nesterov needs --optimizer sgd and a --momentum");
    if (s->momentum > 0 && s->optimizer != TRAINER_SGD)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "--momentum is for --optimizer sgd; the others have their own");
    if (s->plain + s->drawn + s->others > 1)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "--plain, --drawn and --others are shares of the same pictures; together "
                         "they must be 1 at most");
    return true;
}

/* Where the state of the run goes, and whether there is one to go on from. */
static bool choose_state(struct run_options *o, char state[SAVE_PATH_SIZE], const char *path,
                         struct error *err)
{
    bool is_there;
    if (!save_beside(state, path, "state", err) || !file_exists(&is_there, state, err))
        return false;
    o->state = state;
    if (strcmp(o->resume, "auto") == 0)
        o->resume = is_there ? state : "";
    return true;
}

struct names {
    char path[SAVE_PATH_SIZE];       /* of the weights */
    char text[RESUME_SETTINGS_SIZE]; /* the settings, as options */
};

static int train(const struct train_options *o, const struct network *network,
                 const struct names *names, struct error *err)
{
    struct data data = {0};
    struct run_options run_options = o->run;
    const struct finish_options finish_options = {o->run.quiet, &o->publish, &o->store};
    struct finished f = {
        .settings = &o->settings,
        .text = names->text,
        .network = network,
        .train = &data.train,
        .test = &data.test,
        .path = names->path,
        .options = &finish_options,
    };
    struct run *r = NULL;
    char state[SAVE_PATH_SIZE];
    int status = STATUS_FAILED;
    if (choose_state(&run_options, state, names->path, err) && load_data(&data, o, err) &&
        run_open(&r, &o->settings, &run_options, names->text, network, &data.train, err) &&
        run_train(r, &f.end, err)) {
        f.run = r;
        status = finish(&f, err);
        if (!f.end.interrupted && status != STATUS_FAILED)
            (void)unlink(state);
    }
    run_close(r);
    free_data(&data);
    return status;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    (void)operands;
    (void)operand_count;
    const struct train_options *o = arguments;
    struct network network;
    struct names names = {0};
    if (!check_settings(&o->settings, err) ||
        !network_file_choose(&network, o->settings.network, err) ||
        !save_path(names.path, o->out, network.name, err) || !save_has_date(err) ||
        !check_urls(&o->publish, err) ||
        !options_text(names.text, sizeof names.text, &command_train, o, sizeof o->settings, err))
        return STATUS_FAILED;
    return train(o, &network, &names, err);
}

#define AT(member) offsetof(struct train_options, member)
#define SETTING(member) offsetof(struct train_options, settings.member)

static const struct option_row rows[] = {
    DATASET_ROW(AT(data)),
    {"out", "PATH", "", "a folder, or FILE.pth (default: NETWORK_mnist.pth)", OPTION_TEXT, AT(out),
     0, 0},
    {"recipe", "NAME", "", "options under one name: see below", OPTION_PRESET, SETTING(recipe), 0,
     0},
    {"network", "NAME", "cnn", "cnn, lenet, mlp, or FILE.json", OPTION_TEXT, SETTING(network), 0,
     0},
    {"epochs", "N", "5", "passes over the data", OPTION_COUNT, SETTING(epochs), 1, EPOCHS_MAX},
    {"batch", "N", "64", "images a step, up to all", OPTION_COUNT, SETTING(batch), 1, BATCH_MAX},
    {"seed", "N", "1", "of the weights, the order, the changes and dropout", OPTION_SEED,
     SETTING(seed), 0, 0},
    {"limit", "N", "0", "take the first N training images only; 0 for all", OPTION_COUNT,
     SETTING(limit), 0, SIZE_MAX},

    {"optimizer", "adam|adamw|sgd", "adam", "how the weights move", OPTION_CHOICE,
     SETTING(optimizer), 0, 0},
    {"learning-rate", "X", "0.001", "the step size, at its highest", OPTION_NUMBER,
     SETTING(schedule.rate), 0, 0},
    {"momentum", "X", "0", "of sgd", OPTION_AMOUNT, SETTING(momentum), 0, 1},
    {"nesterov", NULL, NULL, "sgd looks ahead along its momentum", OPTION_FLAG, SETTING(nesterov),
     0, 0},
    {"weight-decay", "X", "0", "pull weights towards 0", OPTION_AMOUNT, SETTING(weight_decay), 0,
     0},
    {"label-smoothing", "X", "0", "the share of the answer given to all classes", OPTION_AMOUNT,
     SETTING(label_smoothing), 0, 1},
    {"average", "X", "0", "keep that share of a moving average of the weights", OPTION_AMOUNT,
     SETTING(average), 0, 1},

    {"schedule", "constant|step|cosine|one-cycle", "constant", "how the step size changes",
     OPTION_CHOICE, SETTING(schedule.kind), 0, 0},
    {"warm-up", "X", "0", "the share of the steps on which it rises", OPTION_AMOUNT,
     SETTING(schedule.warm_up), 0, 1},
    {"final-rate", "X", "0", "cosine: the last step size, as a share of the highest", OPTION_AMOUNT,
     SETTING(schedule.final), 0, 1},
    {"step-epochs", "N", "10", "step: every so many epochs ...", OPTION_COUNT,
     SETTING(schedule.step_epochs), 1, EPOCHS_MAX},
    {"step-factor", "X", "0.1", "... it is multiplied by this", OPTION_NUMBER,
     SETTING(schedule.step_factor), 0, 0},

    {"rotation", "DEGREES", "0", "turn pictures up to so far, both ways", OPTION_AMOUNT,
     SETTING(augment.rotation), 0, 0},
    {"scale", "X", "0", "widen and heighten, 0.1: from 0.9 to 1.1", OPTION_AMOUNT,
     SETTING(augment.scale), 0, 1},
    {"shear", "X", "0", "slant, pixels sideways for each upwards", OPTION_AMOUNT,
     SETTING(augment.shear), 0, 0},
    {"shift", "PIXELS", "0", "move, on each axis", OPTION_AMOUNT, SETTING(augment.shift), 0, 0},
    {"elastic", "PIXELS", "0", "bend: the displacements' deviation", OPTION_AMOUNT,
     SETTING(augment.elastic), 0, 0},
    {"thickness", "PIXELS", "0", "thicken and thin strokes, on each side", OPTION_AMOUNT,
     SETTING(augment.thickness), 0, 0},
    {"gaps", "X", "0", "chance of a gap or a cut-off end", OPTION_AMOUNT, SETTING(augment.gaps), 0,
     2},
    {"resample", "X", "0", "chance of coming from a larger, sharper picture", OPTION_AMOUNT,
     SETTING(augment.resample), 0, 2},
    {"blur", "PIXELS", "0", "blur: the deviation", OPTION_AMOUNT, SETTING(augment.blur), 0, 0},
    {"contrast", "X", "0", "0.3: a gamma from 1/1.3 to 1.3", OPTION_AMOUNT,
     SETTING(augment.contrast), 0, 0},
    {"noise", "X", "0", "noise: the deviation, of 0 to 1", OPTION_AMOUNT, SETTING(augment.noise), 0,
     0},

    {"jpeg", "X", "0", "chance of having been a JPEG file of quality 30 to 90", OPTION_AMOUNT,
     SETTING(augment.jpeg), 0, 2},
    {"plain", "X", "0", "the share of pictures that stay as they are", OPTION_AMOUNT,
     SETTING(plain), 0, 1},
    {"drawn", "X", "0", "the share of digits that are made up, in other hands", OPTION_AMOUNT,
     SETTING(drawn), 0, 1},
    {"others", "X", "0", "the share of letters, scribbles and so on, to be unsure of",
     OPTION_AMOUNT, SETTING(others), 0, 1},

    {"validation", "N", "0", "hold back the last N training images and test on them", OPTION_COUNT,
     SETTING(validation), 0, SIZE_MAX},
    {"keep", "last|loss|accuracy", "last", "the last epoch's weights, or the best validated",
     OPTION_CHOICE, SETTING(keep), 0, 0},
    {"patience", "N", "0", "end after N epochs without a better validation; 0: never", OPTION_COUNT,
     SETTING(patience), 0, EPOCHS_MAX},

    {"threads", "N", "0", "for libtorch; 0: as many as physical cores", OPTION_COUNT,
     AT(run.threads), 0, THREADS_MAX},
    {"device", "NAME", "cpu", "cpu, cuda, or auto: cuda where there is one", OPTION_TEXT,
     AT(run.device), 0, 0},
    {"log", "FILE", "", "write a line of JSON for each epoch", OPTION_TEXT, AT(run.log), 0, 0},
    {"resume", "FILE", "", "go on from there; auto: from NAME.state.pth, if it is there",
     OPTION_TEXT, AT(run.resume), 0, 0},
    {"save-every", "S", "30", "seconds between saves of NAME.state.pth, at ends of epochs",
     OPTION_COUNT, AT(run.save_seconds), 0, 1000000},
    {"report-every", "N", "1", "show the figures of every Nth epoch", OPTION_COUNT,
     AT(run.report_every), 1, EPOCHS_MAX},
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, AT(run.quiet), 0, 0},
    {"publish", "URL", "", "bring the model there, too; may be said again", OPTION_LIST,
     AT(publish), 0, 0},
    STORE_OPTION_ROWS(struct train_options, store),
};

const struct command command_train = {
    .name = "train",
    .summary = "Train a network on MNIST and write NAME.pth and NAME.json",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct train_options),
    .presets = recipes,
    .preset_count = RECIPES,
    .run = run,
};

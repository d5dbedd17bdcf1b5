/*
 * digit records: a data set as records, in its order, training images first.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "train/commands.h"
#include "train/dataset/dataset.h"
#include "train/dataset/record.h"
#include "train/store_options.h"

struct records_options {
    struct store_flags store;
    const char *set;
};

enum { KEY_SIZE = 32 };

static void write_set(const char *name, const struct mnist *set)
{
    for (size_t i = 0; i < set->count && !ferror(stdout); i++) {
        char key[KEY_SIZE];
        const int len = snprintf(key, sizeof key, "%s/%05zu", name, i);
        record_write(stdout, (struct field){key, (size_t)len}, set->labels[i],
                     set->pixels + i * DIGIT_PIXELS);
    }
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    const struct records_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    const bool is_all = strcmp(o->set, "all") == 0;
    const bool has_train = is_all || strcmp(o->set, "train") == 0;
    const bool has_test = is_all || strcmp(o->set, "test") == 0;
    struct mnist train = {0}, test = {0};
    if (operand_count > 1)
        (void)error_set(err, ERROR_BAD_ARGUMENT, "'%s' is one word too many", operands[1]);
    else if (!has_train && !has_test)
        (void)error_set(err, ERROR_BAD_ARGUMENT, "--set is '%s'; it can be train, test or all",
                        o->set);
    else if (dataset_load(has_train ? &train : NULL, has_test ? &test : NULL, operands[0], &store,
                          isatty(STDERR_FILENO) ? stderr : NULL, err)) {
        write_set("train", &train);
        write_set("test", &test);
    }
    mnist_free(&train);
    mnist_free(&test);
    return err->code == ERROR_NONE ? 0 : STATUS_FAILED;
}

#define AT(member) offsetof(struct records_options, member)

static const struct option_row rows[] = {
    {"set", "NAME", "all", "train, test or all", OPTION_TEXT, AT(set), 0, 0},
    STORE_OPTION_ROWS(struct records_options, store),
};

const struct command command_records = {
    .name = "records",
    .summary = "Print a data set's pictures as records, one a line",
    .operands = "FOLDER|URL",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct records_options),
    .run = run,
};

/*
 * digit records: MNIST's IDX files as records, in the files' order, training images first.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "train/commands.h"
#include "train/mnist.h"
#include "train/record.h"

struct records_options {
    const char *set;
};

static const struct set {
    const char *name;
    enum mnist_split split;
} sets[] = {{"train", MNIST_TRAIN}, {"test", MNIST_TEST}};

enum { SETS = sizeof sets / sizeof *sets, KEY_SIZE = 32 };

static bool write_set(const struct set *set, const char *folder, struct error *err)
{
    struct mnist images;
    if (!mnist_load(&images, folder, set->split, err))
        return false;
    for (size_t i = 0; i < images.count && !ferror(stdout); i++) {
        char key[KEY_SIZE];
        const int len = snprintf(key, sizeof key, "%s/%05zu", set->name, i);
        record_write(stdout, (struct field){key, (size_t)len}, images.labels[i],
                     images.pixels + i * DIGIT_PIXELS);
    }
    mnist_free(&images);
    return true;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    const struct records_options *o = arguments;
    bool is_all = strcmp(o->set, "all") == 0, found = false;
    if (operand_count > 1) {
        (void)error_set(err, ERROR_BAD_ARGUMENT, "'%s' is one word too many", operands[1]);
        return 1;
    }
    for (size_t i = 0; i < SETS; i++) {
        if (!is_all && strcmp(o->set, sets[i].name) != 0)
            continue;
        found = true;
        if (!write_set(&sets[i], operands[0], err))
            return 1;
    }
    if (!found)
        (void)error_set(err, ERROR_BAD_ARGUMENT, "--set is '%s'; it can be train, test or all",
                        o->set);
    return found ? 0 : 1;
}

#define AT(member) offsetof(struct records_options, member)

static const struct option_row rows[] = {
    {"set", "NAME", "all", "train, test or all", OPTION_TEXT, AT(set), 0, 0},
};

const struct command command_records = {
    .name = "records",
    .summary = "Print MNIST's pictures as records, one a line",
    .operands = "FOLDER",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct records_options),
    .run = run,
};

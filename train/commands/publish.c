/*
 * digit publish and digit fetch: one file between this machine and stores. A model goes with its
 * card. What is said about a URL is said on a line of its own; the others are still tried.
 */
#include <stddef.h>
#include <stdio.h>

#include "train/commands.h"
#include "train/store_options.h"
#include "train/transfer.h"

struct transfer_options {
    struct store_flags store;
    bool quiet;
};

static int status_of(const struct error *why)
{
    if (transfer_was_interrupted())
        return STATUS_INTERRUPTED;
    return why->code == ERROR_STORE_DOWN ? STATUS_STORE_DOWN : STATUS_FAILED;
}

static int run_publish(const void *arguments, char *const *operands, size_t count,
                       struct error *err)
{
    const struct transfer_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    int status = 0;
    if (count < 2) {
        error_set(err, ERROR_BAD_ARGUMENT, "a URL is missing after '%s'", operands[0]);
        return STATUS_USAGE;
    }
    transfer_catch_interrupt();
    for (size_t i = 1; i < count && !transfer_was_interrupted(); i++) {
        struct error why = {0};
        if (transfer_publish(operands[0], operands[i], &store, o->quiet ? NULL : stderr, &why)) {
            (void)printf("%s: published\n", operands[i]);
            continue;
        }
        (void)fprintf(stderr, "digit: %s: not published: %s\n", operands[i], why.text);
        status = status_of(&why);
    }
    return status;
}

static int run_fetch(const void *arguments, char *const *operands, size_t count, struct error *err)
{
    const struct transfer_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    if (count != 2) {
        error_set(err, ERROR_BAD_ARGUMENT, "name one URL and one PATH");
        return STATUS_USAGE;
    }
    transfer_catch_interrupt();
    return transfer_fetch(operands[0], operands[1], &store, o->quiet ? NULL : stderr, err)
               ? 0
               : status_of(err);
}

static const struct option_row rows[] = {
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, offsetof(struct transfer_options, quiet),
     0, 0},
    STORE_OPTION_ROWS(struct transfer_options, store),
};

const struct command command_publish = {
    .name = "publish",
    .summary = "Bring a file, or a model (.pth) with its card, to each URL",
    .operands = "FILE URL...",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct transfer_options),
    .run = run_publish,
};

const struct command command_fetch = {
    .name = "fetch",
    .summary = "Bring a file, or a model (.pth) with its card, from a URL",
    .operands = "URL PATH",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct transfer_options),
    .run = run_fetch,
};

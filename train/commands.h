/*
 * The sub-commands of `digit`. Each is a table of options and a function, in a file of its name in
 * train/commands/.
 */
#ifndef DIGIT_COMMANDS_H
#define DIGIT_COMMANDS_H

#include "train/options.h"

/* Exit statuses. */
enum {
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_STORE_DOWN = 3, /* trying again later may help; what was to be done here is done */
    STATUS_INTERRUPTED = 130,
};

extern const struct command command_train;
extern const struct command command_evaluate;
extern const struct command command_predict;
extern const struct command command_explore;
extern const struct command command_compare;
extern const struct command command_report;
extern const struct command command_publish;
extern const struct command command_fetch;
extern const struct command command_records;
extern const struct command command_score;
extern const struct command command_statistics;

#endif

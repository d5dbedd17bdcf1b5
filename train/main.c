/*
 * digit, the offline tool: finds the sub-command and runs it. The only place that decides the exit
 * status: see train/commands.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/commands.h"

static const struct command *const commands[] = {
    &command_train,   &command_evaluate, &command_predict,    &command_explore,
    &command_compare, &command_report,   &command_publish,    &command_fetch,
    &command_records, &command_score,    &command_statistics,
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(void)
{
    (void)printf("Usage: digit COMMAND [OPTION]...\n"
                 "Train, measure and try networks that recognise handwritten digits.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)printf("  %-12s%s\n", commands[i]->name, commands[i]->summary);
    (void)printf("\n  --help      show this help and leave\n"
                 "  --version   show the version and leave\n\n"
                 "'digit COMMAND --help' shows a command's options.\n");
}

static void print_version(void)
{
    (void)printf("digit (digitd) %s\n"
                 "License MIT. There is NO WARRANTY, to the extent permitted by law.\n",
                 DIGIT_VERSION);
}

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

/* What was printed must have been written: a full disk is a failure. */
static int flushed(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    (void)fprintf(stderr, "digit: the output cannot be written\n");
    return status == 0 ? STATUS_FAILED : status;
}

static int run(const struct command *command, char **words, size_t word_count)
{
    struct error err = {0};
    size_t operand_count;
    bool help;
    void *options = malloc(command->size);
    if (options == NULL) {
        (void)fprintf(stderr, "digit: the process is out of memory\n");
        return STATUS_FAILED;
    }
    int status = 0;
    if (!options_parse(options, command, words, word_count, &operand_count, &help, &err)) {
        (void)fprintf(stderr, "digit %s: %s; see 'digit %s --help'\n", command->name, err.text,
                      command->name);
        status = STATUS_USAGE;
    } else if (help) {
        options_help(command, stdout);
    } else {
        status = command->run(options, words, operand_count, &err);
        if (err.code != ERROR_NONE)
            (void)fprintf(stderr, "digit: %s\n", err.text);
    }
    free(options);
    return flushed(status);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "digit: a command is missing; see 'digit --help'\n");
        return STATUS_USAGE;
    }
    const struct command *command = command_named(argv[1]);
    if (command != NULL)
        return run(command, argv + 2, (size_t)argc - 2);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return flushed(0);
    }
    if (strcmp(argv[1], "--version") == 0) {
        print_version();
        return flushed(0);
    }
    (void)fprintf(stderr, "digit: there is no %s '%s'; see 'digit --help'\n",
                  argv[1][0] == '-' ? "option" : "command", argv[1]);
    return STATUS_USAGE;
}

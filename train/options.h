/*
 * The command line of a sub-command, from one table: what is parsed, what is checked, and what
 * --help says.
 */
#ifndef DIGIT_OPTIONS_H
#define DIGIT_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/error.h"

enum option_kind {
    OPTION_TEXT,   /* const char * */
    OPTION_COUNT,  /* size_t, from min to max */
    OPTION_SEED,   /* uint64_t */
    OPTION_NUMBER, /* double, above 0 */
    OPTION_FLAG,   /* bool; takes no value */
    OPTION_LIST,   /* struct option_list; may be said again and again */
    OPTION_AMOUNT, /* double, 0 or more; below max, where that is not 0 */
    OPTION_CHOICE, /* size_t: the place of the word in metavar, "a|b|c" */
    OPTION_PRESET, /* const char *, the name of one of the command's presets */
};

enum { OPTION_LIST_MAX = 16 };

struct option_list {
    const char *items[OPTION_LIST_MAX];
    size_t count;
};

/* A flag. Its value goes to `offset` in the command's own struct. */
struct option_row {
    const char *name;    /* "epochs", without the dashes */
    const char *metavar; /* "N"; NULL for a flag */
    const char *initial; /* "5"; NULL for a flag; "" for an empty list */
    const char *help;    /* the default is appended */
    enum option_kind kind;
    size_t offset;
    size_t min, max; /* OPTION_COUNT; OPTION_AMOUNT has max only */
};

/* Options under one name: as if its words stood first on the command line, so that those who stand
 * there have the last word. */
struct option_preset {
    const char *name;
    const char *summary;
    const char *const *words; /* "--epochs=2", ...; NULL at the end */
};

/* A sub-command. `run` gives the exit status; 1 and a filled *err when it failed. */
struct command {
    const char *name;
    const char *summary;  /* one line */
    const char *operands; /* "FILE..."; NULL when it takes none, else it needs at least one */
    const struct option_row *rows;
    size_t count;
    size_t size; /* of its struct of options */
    const struct option_preset *presets;
    size_t preset_count;
    int (*run)(const void *options, char *const *operands, size_t count, struct error *err);
};

/* Sets every default, then what the command line says, in the struct at `target`. Operands are
 * moved to the front of `words` and counted. Text values lend from `words` and the table. *help is
 * true when --help was asked for, and nothing else is looked at then. Fails with ERROR_BAD_ARGUMENT
 * on anything that the table does not know. */
bool options_parse(void *target, const struct command *command, char **words, size_t word_count,
                   size_t *operand_count, bool *help, struct error *err) MUST_CHECK;

/* Fills `out` with the options that are not the defaults, "--epochs=2 --batch=256", of those rows
 * whose offset is below `end`. Lists are left out. Fails when it does not fit. */
bool options_text(char *out, size_t size, const struct command *command, const void *values,
                  size_t end, struct error *err) MUST_CHECK;

/* Prints what --help prints, as the GNU Coding Standards have it. */
void options_help(const struct command *command, FILE *out);

#endif

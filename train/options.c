/*
 * Command lines from tables. Runs once, at the start of the program; knows no command.
 */
#include "train/options.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 26 };

static const struct option_row *row_named(const struct command *command, const char *name,
                                          size_t len)
{
    for (size_t i = 0; i < command->count; i++)
        if (strlen(command->rows[i].name) == len && memcmp(command->rows[i].name, name, len) == 0)
            return &command->rows[i];
    return NULL;
}

static bool parse_whole(uint64_t *out, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    *out = strtoumax(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out >= min &&
           *out <= max;
}

static bool set_count(void *place, const struct option_row *row, const char *text,
                      struct error *err)
{
    uint64_t value;
    if (!parse_whole(&value, text, row->min, row->max))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "--%s is '%s'; it must be a whole number, %zu to %zu", row->name, text,
                         row->min, row->max);
    *(size_t *)place = (size_t)value;
    return true;
}

static bool set_seed(void *place, const struct option_row *row, const char *text, struct error *err)
{
    if (!parse_whole(place, text, 0, UINT64_MAX))
        return error_set(err, ERROR_BAD_ARGUMENT, "--%s is '%s'; it must be a whole number",
                         row->name, text);
    return true;
}

static bool set_number(void *place, const struct option_row *row, const char *text,
                       struct error *err)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value <= 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "--%s is '%s'; it must be a number above 0",
                         row->name, text);
    *(double *)place = value;
    return true;
}

static bool add_item(struct option_list *list, const struct option_row *row, const char *text,
                     struct error *err)
{
    if (list->count == OPTION_LIST_MAX)
        return error_set(err, ERROR_BAD_ARGUMENT, "--%s can be said %d times at most", row->name,
                         OPTION_LIST_MAX);
    list->items[list->count++] = text;
    return true;
}

static bool set_value(void *target, const struct option_row *row, const char *text,
                      struct error *err)
{
    void *place = (char *)target + row->offset;
    switch (row->kind) {
    case OPTION_TEXT:
        *(const char **)place = text;
        return true;
    case OPTION_COUNT:
        return set_count(place, row, text, err);
    case OPTION_SEED:
        return set_seed(place, row, text, err);
    case OPTION_NUMBER:
        return set_number(place, row, text, err);
    case OPTION_FLAG:
        *(bool *)place = true;
        return true;
    case OPTION_LIST:
        return add_item(place, row, text, err);
    }
    assert(false && "every kind is above");
    return false;
}

static bool set_defaults(void *target, const struct command *command, struct error *err)
{
    memset(target, 0, command->size);
    for (size_t i = 0; i < command->count; i++) {
        const struct option_row *row = &command->rows[i];
        if (row->kind != OPTION_FLAG && row->kind != OPTION_LIST &&
            !set_value(target, row, row->initial, err))
            return false;
    }
    return true;
}

/* Takes words[*at], which starts with two dashes, and its value, which may be the next word. */
static bool take_option(void *target, const struct command *command, char **words, size_t count,
                        size_t *at, struct error *err)
{
    const char *name = words[*at] + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    const struct option_row *row = row_named(command, name, len);
    if (row == NULL)
        return error_set(err, ERROR_BAD_ARGUMENT, "there is no option '--%.*s'", (int)len, name);
    if (row->kind == OPTION_FLAG && value != NULL)
        return error_set(err, ERROR_BAD_ARGUMENT, "--%s takes no value", row->name);
    if (row->kind != OPTION_FLAG && value == NULL) {
        if (*at + 1 == count)
            return error_set(err, ERROR_BAD_ARGUMENT, "--%s needs a value", row->name);
        value = words[++*at];
    }
    return set_value(target, row, value, err);
}

bool options_parse(void *target, const struct command *command, char **words, size_t word_count,
                   size_t *operand_count, bool *help, struct error *err)
{
    bool only_operands = false;
    *operand_count = 0;
    *help = false;
    if (!set_defaults(target, command, err))
        return false;
    for (size_t i = 0; i < word_count; i++) {
        char *word = words[i];
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            words[(*operand_count)++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            *help = true;
            return true;
        } else if (word[1] != '-') {
            return error_set(err, ERROR_BAD_ARGUMENT, "there is no option '%s'", word);
        } else if (!take_option(target, command, words, word_count, &i, err)) {
            return false;
        }
    }
    if (command->operands == NULL && *operand_count > 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "'%s' is one word too many", words[0]);
    if (command->operands != NULL && *operand_count == 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "%s is missing", command->operands);
    return true;
}

void options_help(const struct command *command, FILE *out)
{
    (void)fprintf(out, "Usage: digit %s [OPTION]...%s%s\n%s.\n\n", command->name,
                  command->operands ? " " : "", command->operands ? command->operands : "",
                  command->summary);
    for (size_t i = 0; i < command->count; i++) {
        const struct option_row *row = &command->rows[i];
        int used = fprintf(out, "  --%s%s%s", row->name, row->metavar ? " " : "",
                           row->metavar ? row->metavar : "");
        (void)fprintf(out, "%*s%s", used < HELP_COLUMN ? HELP_COLUMN - used : 1, "", row->help);
        if (row->kind != OPTION_FLAG && row->initial[0] != '\0')
            (void)fprintf(out, " (default: %s)", row->initial);
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "  %-*s%s\n", HELP_COLUMN - 2, "--help", "show this help and leave");
}

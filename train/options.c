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

static bool set_amount(void *place, const struct option_row *row, const char *text,
                       struct error *err)
{
    char *end;
    double value = strtod(text, &end);
    bool is_number = end != text && *end == '\0' && isfinite(value) && !signbit(value);
    if (is_number && (row->max == 0 || value < (double)row->max)) {
        *(double *)place = value;
        return true;
    }
    return row->max == 0
               ? error_set(err, ERROR_BAD_ARGUMENT, "--%s is '%s'; it must be a number, 0 or more",
                           row->name, text)
               : error_set(err, ERROR_BAD_ARGUMENT,
                           "--%s is '%s'; it must be a number, 0 or more and below %zu", row->name,
                           text, row->max);
}

/* Lends the index-th word of "a|b|c" and its length; NULL past the last one. */
static const char *choice_at(const char *choices, size_t index, size_t *len)
{
    for (; index > 0; index--) {
        choices += strcspn(choices, "|");
        if (*choices++ == '\0')
            return NULL;
    }
    *len = strcspn(choices, "|");
    return choices;
}

static bool set_choice(void *place, const struct option_row *row, const char *text,
                       struct error *err)
{
    const char *word;
    size_t len;
    for (size_t i = 0; (word = choice_at(row->metavar, i, &len)) != NULL; i++)
        if (strlen(text) == len && memcmp(word, text, len) == 0) {
            *(size_t *)place = i;
            return true;
        }
    return error_set(err, ERROR_BAD_ARGUMENT, "--%s is '%s'; it must be one of %s", row->name, text,
                     row->metavar);
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
    case OPTION_PRESET:
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
    case OPTION_AMOUNT:
        return set_amount(place, row, text, err);
    case OPTION_CHOICE:
        return set_choice(place, row, text, err);
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
static bool take_option(void *target, const struct command *command, const char *const *words,
                        size_t count, size_t *at, struct error *err)
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

static const struct option_row *preset_row(const struct command *command)
{
    for (size_t i = 0; i < command->count; i++)
        if (command->rows[i].kind == OPTION_PRESET)
            return &command->rows[i];
    return NULL;
}

/* What the line says last for the row that names a preset; NULL when it says nothing, or nothing
 * that is understood: what is wrong is told later. */
static const char *preset_asked_for(const struct command *command, char *const *words, size_t count)
{
    const char *found = NULL;
    for (size_t i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        if (strncmp(words[i], "--", 2) != 0)
            continue;
        const char *name = words[i] + 2;
        size_t len = strcspn(name, "=");
        const struct option_row *row = row_named(command, name, len);
        if (row == NULL || row->kind == OPTION_FLAG)
            continue;
        const char *value = name[len] == '=' ? name + len + 1 : ++i < count ? words[i] : NULL;
        if (row->kind == OPTION_PRESET)
            found = value;
    }
    return found;
}

static bool apply_preset(void *target, const struct command *command, const char *name,
                         struct error *err)
{
    char names[120] = "";
    for (size_t i = 0; i < command->preset_count; i++) {
        const struct option_preset *preset = &command->presets[i];
        size_t count = 0, used = strlen(names);
        (void)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", preset->name);
        if (strcmp(preset->name, name) != 0)
            continue;
        while (preset->words[count] != NULL)
            count++;
        for (size_t k = 0; k < count; k++)
            if (!take_option(target, command, preset->words, count, &k, err))
                return false;
        return true;
    }
    return error_set(err, ERROR_BAD_ARGUMENT, "there is no %s '%s'; there is: %s",
                     preset_row(command)->name, name, names);
}

static bool check_operands(const struct command *command, char *const *words, size_t count,
                           struct error *err)
{
    if (command->operands == NULL && count > 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "'%s' is one word too many", words[0]);
    if (command->operands != NULL && count == 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "%s is missing", command->operands);
    return true;
}

bool options_parse(void *target, const struct command *command, char **words, size_t word_count,
                   size_t *operand_count, bool *help, struct error *err)
{
    bool only_operands = false;
    *operand_count = 0;
    *help = false;
    const char *preset = preset_asked_for(command, words, word_count);
    if (!set_defaults(target, command, err) ||
        (preset != NULL && !apply_preset(target, command, preset, err)))
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
        } else if (!take_option(target, command, (const char *const *)words, word_count, &i, err)) {
            return false;
        }
    }
    return check_operands(command, words, *operand_count, err);
}

/* Fills `out` with an option as one word; empty for what is no single value. */
static void format_option(char *out, size_t size, const struct option_row *row, const void *values)
{
    const void *place = (const char *)values + row->offset;
    size_t len = 0;
    out[0] = '\0';
    switch (row->kind) {
    case OPTION_TEXT:
    case OPTION_PRESET:
        (void)snprintf(out, size, "--%s=%s", row->name, *(const char *const *)place);
        break;
    case OPTION_COUNT:
        (void)snprintf(out, size, "--%s=%zu", row->name, *(const size_t *)place);
        break;
    case OPTION_SEED:
        (void)snprintf(out, size, "--%s=%" PRIu64, row->name, *(const uint64_t *)place);
        break;
    case OPTION_NUMBER:
    case OPTION_AMOUNT:
        (void)snprintf(out, size, "--%s=%.15g", row->name, *(const double *)place);
        break;
    case OPTION_FLAG:
        if (*(const bool *)place)
            (void)snprintf(out, size, "--%s", row->name);
        break;
    case OPTION_CHOICE: {
        const char *word = choice_at(row->metavar, *(const size_t *)place, &len);
        (void)snprintf(out, size, "--%s=%.*s", row->name, (int)len, word);
        break;
    }
    case OPTION_LIST:
        break;
    }
}

bool options_text(char *out, size_t size, const struct command *command, const void *values,
                  size_t end, struct error *err)
{
    char word[256], usual[256];
    size_t used = 0;
    void *defaults = malloc(command->size);
    if (defaults == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for a list of options");
    bool ok = set_defaults(defaults, command, err);
    out[0] = '\0';
    for (size_t i = 0; ok && i < command->count; i++) {
        const struct option_row *row = &command->rows[i];
        if (row->offset >= end)
            continue;
        format_option(word, sizeof word, row, values);
        format_option(usual, sizeof usual, row, defaults);
        if (strcmp(word, usual) == 0)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", word);
        ok = used < size ||
             error_set(err, ERROR_BAD_ARGUMENT, "too many options differ from the defaults");
    }
    free(defaults);
    return ok;
}

static void print_presets(const struct command *command, FILE *out)
{
    const struct option_row *row = preset_row(command);
    if (row == NULL)
        return;
    (void)fprintf(out, "\nWhat stands for what:\n");
    for (size_t i = 0; i < command->preset_count; i++) {
        const struct option_preset *preset = &command->presets[i];
        (void)fprintf(out, "  --%s %s: %s\n     ", row->name, preset->name,
                      preset->summary);
        for (size_t k = 0; preset->words[k] != NULL; k++)
            (void)fprintf(out, " %s", preset->words[k]);
        (void)fputc('\n', out);
    }
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
        if (used >= HELP_COLUMN)
            used = fprintf(out, "\n") - 1;
        (void)fprintf(out, "%*s%s", HELP_COLUMN - used, "", row->help);
        if (row->kind != OPTION_FLAG && row->initial[0] != '\0')
            (void)fprintf(out, " (default: %s)", row->initial);
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "  %-*s%s\n", HELP_COLUMN - 2, "--help", "show this help and leave");
    print_presets(command, out);
}

/*
 * The text format's lines. Any thread; no state.
 */
#include "server/metrics/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void exposition_family(struct text *t, const char *name, const char *type, const char *help)
{
    text_string(t, "# HELP ");
    text_string(t, name);
    text_string(t, " ");
    text_string(t, help);
    text_string(t, "\n# TYPE ");
    text_string(t, name);
    text_string(t, " ");
    text_string(t, type);
    text_string(t, "\n");
}

static void write_value(struct text *t, const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        if (*c == '\\' || *c == '"')
            text_append(t, (char[]){'\\', *c}, 2);
        else if (*c == '\n')
            text_string(t, "\\n");
        else
            text_append(t, c, 1);
}

static void write_head(struct text *t, const char *name, const struct exposition_label *labels)
{
    text_string(t, name);
    for (const struct exposition_label *l = labels; l != NULL && l->name != NULL; l++) {
        text_string(t, l == labels ? "{" : ",");
        text_string(t, l->name);
        text_string(t, "=\"");
        write_value(t, l->value);
        text_string(t, "\"");
    }
    text_string(t, labels != NULL && labels->name != NULL ? "} " : " ");
}

void exposition_integer(struct text *t, const char *name, const struct exposition_label *labels,
                        uint64_t value)
{
    write_head(t, name, labels);
    text_integer(t, value);
    text_string(t, "\n");
}

void exposition_seconds(struct text *t, const char *name, const struct exposition_label *labels,
                        uint64_t ns)
{
    char value[40];
    (void)snprintf(value, sizeof value, "%" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000,
                   ns % 1000000000);
    write_head(t, name, labels);
    text_string(t, value);
}

void exposition_single(struct text *t, const char *name, const char *type, const char *help,
                       uint64_t value)
{
    exposition_family(t, name, type, help);
    exposition_integer(t, name, NULL, value);
}

/*
 * The table of engines. An engine is built in, or a plug-in that is loaded when it is first asked
 * for, so that nobody pays for an engine that is not used. Any thread; no state.
 */
#include "model/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/engine_native.h"
#include "model/plugin.h"

/* Either `type`, or the plug-in that exports one as `symbol`. */
struct engine_row {
    const char *name;
    const struct engine_type *type;
    const char *plugin;
    const char *symbol;
    const char *remedy; /* what to do when the plug-in is not there */
};

static const struct engine_row rows[] = {
    {.name = "native", .type = &engine_native},
    {
        .name = "torch",
        .plugin = "digit_engine_torch.so",
        .symbol = "digit_engine_torch",
        .remedy = "build with libtorch-dev installed or use --engine native",
    },
};

enum { ROWS = sizeof rows / sizeof *rows };

struct engine {
    const struct engine_type *type;
    void *state;
};

static const struct engine_row *row_named(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static void list_names(char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < ROWS && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", rows[i].name);
}

static bool type_of(const struct engine_type **out, const struct engine_row *row, struct error *err)
{
    if (row->type != NULL) {
        *out = row->type;
        return true;
    }
    struct error why = {0};
    const void *symbol;
    if (plugin_symbol(&symbol, row->plugin, row->symbol, &why)) {
        *out = symbol;
        return true;
    }
    if (why.code != ERROR_NOT_FOUND)
        return error_set(err, why.code, "%s", why.text);
    return error_set(err, ERROR_ENGINE, "engine '%s' is not installed (%s): %s", row->name,
                     row->remedy, why.text);
}

static bool open_row(struct engine **out, const struct engine_row *row, const struct network *net,
                     const struct checkpoint *weights, const struct engine_options *options,
                     struct error *err)
{
    const struct engine_type *type;
    if (!type_of(&type, row, err))
        return false;
    struct engine *e = calloc(1, sizeof *e);
    if (e == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for an engine");
    e->type = type;
    if (!type->open(&e->state, net, weights, options, err)) {
        free(e);
        return false;
    }
    *out = e;
    return true;
}

/* The first row of the table that can: on a CPU that is the native engine for every network that it
 * runs. What is told is why the first could not. Want of memory is no reason to compute by other
 * means. */
static bool open_any(struct engine **out, const struct network *net,
                     const struct checkpoint *weights, const struct engine_options *options,
                     struct error *err)
{
    struct error first = {0};
    for (size_t i = 0; i < ROWS && first.code != ERROR_OUT_OF_MEMORY; i++)
        if (open_row(out, &rows[i], net, weights, options, &first))
            return true;
    return error_set(err, first.code, "%s", first.text);
}

bool engine_open(struct engine **out, const char *name, const struct network *net,
                 const struct checkpoint *weights, const struct engine_options *options,
                 struct error *err)
{
    static const struct engine_options defaults = {.device = "cpu"};
    if (options == NULL)
        options = &defaults;
    if (strcmp(name, "auto") == 0)
        return open_any(out, net, weights, options, err);
    const struct engine_row *row = row_named(name);
    if (row != NULL)
        return open_row(out, row, net, weights, options, err);
    char names[64];
    list_names(names, sizeof names);
    return error_set(err, ERROR_BAD_ARGUMENT, "there is no engine '%s'; there is: auto, %s", name,
                     names);
}

bool engine_predict(struct engine *e, const float *pixels, size_t count, float *probabilities,
                    struct error *err)
{
    return e->type->predict(e->state, pixels, count, probabilities, err);
}

const char *engine_name(const struct engine *e)
{
    return e->type->name;
}

const char *engine_describe(const struct engine *e)
{
    return e->type->describe(e->state);
}

void engine_close(struct engine *e)
{
    if (e == NULL)
        return;
    e->type->close(e->state);
    free(e);
}

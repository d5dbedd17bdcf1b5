/*
 * Logs of training. One thread; the only file of train/ to see jansson.
 */
#include "train/lab/metrics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/document.h"
#include "model/file.h"

enum { LOG_MAX = 256 * 1024 * 1024 };

static const struct {
    const char *name;
    size_t offset;
} members[] = {
#define X(member) {#member, offsetof(struct metrics_row, member)},
    METRICS_TABLE(X)
#undef X
};

static void fill_row(struct metrics_row *row, const json_t *line)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *value = json_object_get(line, members[i].name);
        const double number = json_is_number(value) ? json_number_value(value) : NAN;
        memcpy((char *)row + members[i].offset, &number, sizeof number);
    }
}

/* A row for every line is room enough. */
static bool make_room(struct metrics *out, const char *text, size_t len, struct error *err)
{
    size_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    out->rows = malloc(lines * sizeof *out->rows);
    return out->rows != NULL ||
           error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for its %zu lines", lines);
}

bool metrics_parse(struct metrics *out, const char *text, size_t len, struct error *err)
{
    const char *end = text + len;
    *out = (struct metrics){0};
    if (!make_room(out, text, len, err))
        return false;
    for (size_t number = 1; text < end; number++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t line_len = (size_t)((stop == NULL ? end : stop) - text);
        struct error why = {0};
        json_t *line = document_read(text, line_len, &why);
        if (why.code == ERROR_OUT_OF_MEMORY) {
            (void)error_set(err, why.code, "%s", why.text);
            goto out_free;
        }
        if (line == NULL && stop != NULL && line_len > 0) {
            (void)error_set(err, ERROR_BAD_DATA, "line %zu is not JSON: %s", number, why.text);
            goto out_free;
        }
        if (json_is_number(json_object_get(line, "epoch")))
            fill_row(&out->rows[out->count++], line);
        json_decref(line);
        text = stop == NULL ? end : stop + 1;
    }
    if (out->count > 0)
        return true;
    (void)error_set(err, ERROR_BAD_DATA, "it has no line with an epoch");
out_free:
    metrics_free(out);
    return false;
}

bool metrics_read(struct metrics *out, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    struct error why = {0};
    if (!file_read(&bytes, &len, path, LOG_MAX, err))
        return false;
    bool ok = metrics_parse(out, (const char *)bytes, len, &why);
    free(bytes);
    return ok || error_set(err, why.code, "%s: %s", path, why.text);
}

void metrics_free(struct metrics *m)
{
    free(m->rows);
    *m = (struct metrics){0};
}

/*
 * One thread. Knows nothing of the loop whose state it keeps.
 */
#include "train/learning/resume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = RESUME_SETTINGS_SIZE + 1024 };

static const char text_name[] = "run";
static const char best_prefix[] = "best.";
enum { PREFIX_LEN = sizeof best_prefix - 1 };

static const struct field {
    const char *name;
    enum { FIELD_SIZE, FIELD_U64, FIELD_REAL } type;
    size_t offset;
} fields[] = {
    {"epoch", FIELD_SIZE, offsetof(struct resume_point, epoch)},
    {"seen", FIELD_SIZE, offsetof(struct resume_point, seen)},
    {"correct", FIELD_SIZE, offsetof(struct resume_point, correct)},
    {"loss_sum", FIELD_REAL, offsetof(struct resume_point, loss_sum)},
    {"step", FIELD_SIZE, offsetof(struct resume_point, step)},
    {"seconds", FIELD_REAL, offsetof(struct resume_point, seconds)},
    {"log_len", FIELD_U64, offsetof(struct resume_point, log_len)},
    {"best_epoch", FIELD_SIZE, offsetof(struct resume_point, best_epoch)},
    {"best_loss", FIELD_REAL, offsetof(struct resume_point, best_loss)},
    {"best_accuracy", FIELD_REAL, offsetof(struct resume_point, best_accuracy)},
};

enum { FIELDS = sizeof fields / sizeof *fields };

/* ---- writing -------------------------------------------------------------------------------- */

/* Reals in hexadecimal: no digit is lost. */
static int format_field(char *out, size_t size, const struct field *f, const void *at)
{
    switch (f->type) {
    case FIELD_SIZE:
        return snprintf(out, size, "%s %zu\n", f->name, *(const size_t *)at);
    case FIELD_U64:
        return snprintf(out, size, "%s %" PRIu64 "\n", f->name, *(const uint64_t *)at);
    default:
        return snprintf(out, size, "%s %a\n", f->name, *(const double *)at);
    }
}

static bool add_text(struct checkpoint *to, const char *settings, const struct resume_point *point,
                     struct error *err)
{
    char text[TEXT_SIZE];
    float floats[TEXT_SIZE];
    size_t used = (size_t)snprintf(text, sizeof text, "%s\n", settings);
    for (size_t i = 0; i < FIELDS && used < sizeof text; i++)
        used += (size_t)format_field(text + used, sizeof text - used, &fields[i],
                                     (const char *)point + fields[i].offset);
    if (used >= sizeof text)
        return error_set(err, ERROR_INTERNAL, "the state of the run is too long to be saved");
    for (size_t i = 0; i < used; i++)
        floats[i] = (float)(unsigned char)text[i];
    return checkpoint_add(to, text_name, &used, 1, floats, err);
}

static bool add_best(struct checkpoint *to, const struct checkpoint *best, struct error *err)
{
    char name[CHECKPOINT_NAME_SIZE + PREFIX_LEN];
    for (size_t i = 0; best != NULL && i < checkpoint_count(best); i++) {
        const struct tensor *t = checkpoint_at(best, i);
        (void)snprintf(name, sizeof name, "%s%s", best_prefix, t->name);
        if (!checkpoint_add(to, name, t->shape, t->rank, t->data, err))
            return false;
    }
    return true;
}

bool resume_save(const char *path, const char *settings, const struct resume_point *point,
                 const struct checkpoint *best, const struct trainer_type *type, void *trainer,
                 struct error *err)
{
    struct checkpoint *c;
    if (!checkpoint_new(&c, err))
        return false;
    bool ok = add_text(c, settings, point, err) && type->save(trainer, c, err) &&
              add_best(c, best, err) && checkpoint_write(c, path, err);
    checkpoint_close(c);
    return ok;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Fills `out` with the text; false when there is none. */
static bool read_text(char out[TEXT_SIZE], const struct checkpoint *c)
{
    const struct tensor *t = checkpoint_find(c, text_name);
    if (t == NULL || t->count >= TEXT_SIZE)
        return false;
    for (size_t i = 0; i < t->count; i++) {
        if (!(t->data[i] >= 1 && t->data[i] < 128))
            return false;
        out[i] = (char)t->data[i];
    }
    out[t->count] = '\0';
    return true;
}

static bool parse_field(const struct field *f, void *at, const char *line)
{
    size_t len = strlen(f->name);
    if (strncmp(line, f->name, len) != 0 || line[len] != ' ')
        return false;
    const char *value = line + len + 1;
    char *end;
    errno = 0;
    if (f->type == FIELD_REAL)
        *(double *)at = strtod(value, &end);
    else if (f->type == FIELD_SIZE)
        *(size_t *)at = strtoumax(value, &end, 10);
    else
        *(uint64_t *)at = strtoumax(value, &end, 10);
    return end != value && *end == '\0' && errno == 0;
}

static bool parse_text(struct resume_point *point, char *text, const char *path,
                       const char *settings, struct error *err)
{
    char *rest = text, *line = strsep(&rest, "\n");
    if (strcmp(line, settings) != 0)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "'%s' is of another run; say its settings again: %s", path, line);
    for (size_t i = 0; i < FIELDS; i++) {
        line = strsep(&rest, "\n");
        if (line == NULL || !parse_field(&fields[i], (char *)point + fields[i].offset, line))
            return error_set(err, ERROR_BAD_MODEL, "'%s' does not say '%s'", path, fields[i].name);
    }
    return true;
}

static bool read_best(struct checkpoint **out, const struct checkpoint *c, struct error *err)
{
    struct checkpoint *best;
    bool ok = checkpoint_new(&best, err);
    for (size_t i = 0; ok && i < checkpoint_count(c); i++) {
        const struct tensor *t = checkpoint_at(c, i);
        if (strncmp(t->name, best_prefix, PREFIX_LEN) == 0)
            ok = checkpoint_add(best, t->name + PREFIX_LEN, t->shape, t->rank, t->data, err);
    }
    if (ok && checkpoint_count(best) > 0) {
        *out = best;
        return true;
    }
    if (best != NULL)
        checkpoint_close(best);
    return ok;
}

bool resume_load(const char *path, const char *settings, struct resume_point *point,
                 struct checkpoint **best, const struct trainer_type *type, void *trainer,
                 struct error *err)
{
    char text[TEXT_SIZE];
    struct checkpoint *c;
    *best = NULL;
    if (!checkpoint_read(&c, path, err))
        return false;
    bool ok = read_text(text, c) ? parse_text(point, text, path, settings, err)
                                 : error_set(err, ERROR_BAD_MODEL,
                                             "'%s' is not the state of a training run", path);
    ok = ok && type->restore(trainer, c, err) && read_best(best, c, err);
    checkpoint_close(c);
    return ok;
}

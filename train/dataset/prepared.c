/*
 * The job's output read back, and held against its own figures. One thread; keeps one line and the
 * sums.
 */
#include "train/dataset/prepared.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "train/dataset/lines.h"

static const char prefix[] = "part-";

struct reading {
    const struct prepared_reader *reader;
    bool has_tally;
    struct tally told; /* by the job */
    struct tally part;
    struct tally counted;
};

static bool is_named(struct field f, const char *name)
{
    return f.len == strlen(name) && memcmp(f.text, name, f.len) == 0;
}

/* Notes that a later version may add are passed over. */
static bool read_note(struct reading *r, const struct line *line, struct error *err)
{
    struct field name, key, rest = {line->text, line->len};
    (void)record_field(&name, &rest);
    if (is_named(name, RECORD_STATISTICS)) {
        r->has_tally = true;
        return tally_parse(&r->part, line->text, line->len, err) &&
               tally_merge(&r->told, &r->part, err);
    }
    if (!is_named(name, RECORD_INVALID))
        return true;
    (void)record_field(&key, &rest);
    r->counted.invalid++;
    return r->reader->invalid == NULL || r->reader->invalid(r->reader->context, key, rest, err);
}

static bool read_record(struct reading *r, const struct line *line, struct error *err)
{
    struct record record;
    uint8_t pixels[DIGIT_PIXELS];
    if (line->is_cut)
        return error_set(err, ERROR_BAD_DATA, "it is longer than %d bytes", RECORD_LINE_MAX);
    if (!record_parse(&record, line->text, line->len, err) || !record_bytes(pixels, &record, err))
        return false;
    if (record.key.len == 0 || record.label == RECORD_UNLABELLED)
        return error_set(err, ERROR_BAD_DATA, "it has no label");
    tally_add(&r->counted, record.label, pixels);
    return r->reader->record(r->reader->context, &record, pixels, err);
}

static bool read_lines(struct reading *r, const char *name, int fd, struct error *err)
{
    struct lines lines;
    struct line line = {0};
    bool ok;
    lines_begin(&lines, fd, RECORD_LINE_MAX);
    while ((ok = lines_next(&lines, &line, err)) && line.text != NULL) {
        struct error why = {0};
        ok = (record_is_note(line.text, line.len) ? read_note : read_record)(r, &line, &why);
        if (ok)
            continue;
        (void)error_set(err, why.code, "%s, line %" PRIu64 ": %s", name, lines.number, why.text);
        break;
    }
    lines_end(&lines);
    return ok;
}

static bool read_part(struct reading *r, struct source *s, const char *name, struct error *err)
{
    char path[SOURCE_PATH_SIZE];
    if (!source_bring(path, s, name, err))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 ? read_lines(r, name, fd, err)
                      : error_set(err, ERROR_FILE, "cannot open '%s': %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    source_drop(s, name);
    return ok;
}

static bool check(const struct reading *r, const char *where, struct error *err)
{
    if (!r->has_tally)
        return error_set(err, ERROR_BAD_DATA,
                         "%s has no " RECORD_STATISTICS "; take all of a preparing job's output",
                         where);
    if (memcmp(&r->told, &r->counted, sizeof r->told) == 0)
        return true;
    return error_set(err, ERROR_BAD_DATA,
                     "%s is not what the preparing job wrote: it has %" PRIu64
                     " records and %" PRIu64 " invalid lines, the job's figures are of %" PRIu64
                     " and %" PRIu64,
                     where, tally_count(&r->counted), r->counted.invalid, tally_count(&r->told),
                     r->told.invalid);
}

bool prepared_is_there(const struct source *s)
{
    return source_file(s, prefix, 0) != NULL;
}

bool prepared_read(struct tally *out, struct source *s, const struct prepared_reader *reader,
                   struct error *err)
{
    struct reading *r = calloc(1, sizeof *r);
    if (r == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the statistics");
    r->reader = reader;
    bool ok = true;
    const char *name;
    for (size_t i = 0; ok && (name = source_file(s, prefix, i)) != NULL; i++)
        ok = read_part(r, s, name, err);
    ok = ok && check(r, s->where, err);
    if (ok)
        *out = r->told;
    free(r);
    return ok;
}

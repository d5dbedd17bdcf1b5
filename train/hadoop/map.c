/*
 * The mapper. One thread; keeps one line and the sums.
 */
#include "train/hadoop/map.h"

#include <inttypes.h>
#include <stdlib.h>

#include "model/file.h"
#include "train/dataset/lines.h"
#include "train/dataset/record.h"
#include "train/dataset/tally.h"
#include "train/hadoop/reporter.h"

struct map {
    FILE *out;
    FILE *log;
    struct tally tally;
};

static bool read_record(struct record *r, uint8_t pixels[DIGIT_PIXELS], const struct line *line,
                        struct error *err)
{
    if (line->is_cut)
        return error_set(err, ERROR_BAD_DATA, "it is longer than %d bytes", RECORD_LINE_MAX);
    if (!record_parse(r, line->text, line->len, err))
        return false;
    if (r->key.len == 0 || r->label == RECORD_UNLABELLED)
        return error_set(err, ERROR_BAD_DATA,
                         "it has no label; write a key, a label and a picture");
    return record_bytes(pixels, r, err);
}

static void refuse(struct map *m, const struct line *line, uint64_t number, const struct error *why)
{
    struct field key, rest = {line->text, line->len};
    struct error reason = {0};
    (void)record_field(&key, &rest);
    (void)error_set(&reason, why->code, "line %" PRIu64 ": %s", number, why->text);
    record_write_invalid(m->out, key, record_is_key(key) ? why->text : reason.text);
    m->tally.invalid++;
}

static bool map_line(struct map *m, const struct line *line, uint64_t number, struct error *err)
{
    struct record r;
    struct error why = {0};
    uint8_t pixels[DIGIT_PIXELS];
    char sha256[FILE_SHA256_SIZE];
    if (record_is_note(line->text, line->len))
        return true;
    if (read_record(&r, pixels, line, &why)) {
        file_sha256(sha256, pixels, sizeof pixels);
        (void)fprintf(m->out, "%s\t", sha256);
        record_write(m->out, r.key, r.label, pixels);
        tally_add(&m->tally, r.label, pixels);
    } else if (why.code == ERROR_OUT_OF_MEMORY) {
        return error_set(err, why.code, "%s", why.text);
    } else {
        refuse(m, line, number, &why);
    }
    return !ferror(m->out) || error_set(err, ERROR_FILE, "the output cannot be written");
}

static bool map_lines(struct map *m, int in, struct error *err)
{
    struct lines lines;
    struct line line = {0};
    bool ok;
    lines_begin(&lines, in, RECORD_LINE_MAX);
    while ((ok = lines_next(&lines, &line, err)) && line.text != NULL) {
        ok = map_line(m, &line, lines.number, err);
        if (!ok)
            break;
        reporter_status(m->log, lines.number - 1, lines.number);
    }
    lines_end(&lines);
    return ok;
}

bool map_run(int in, FILE *out, FILE *log, struct error *err)
{
    struct map *m = calloc(1, sizeof *m);
    if (m == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the statistics");
    m->out = out;
    m->log = log;
    bool ok = map_lines(m, in, err);
    if (ok) {
        tally_write(out, &m->tally);
        reporter_counter(log, "records", tally_count(&m->tally));
        reporter_counter(log, "invalid", m->tally.invalid);
        reporter_counter(log, "blank", m->tally.blank);
    }
    free(m);
    return ok;
}

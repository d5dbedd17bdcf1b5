/*
 * The reducer. One thread; keeps one line, the first key of a group, and the sums.
 */
#include "train/hadoop/reduce.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/file.h"
#include "train/dataset/lines.h"
#include "train/dataset/record.h"
#include "train/dataset/tally.h"
#include "train/hadoop/reporter.h"

enum { SHA256_LEN = FILE_SHA256_SIZE - 1 };

/* A place in the order of the lines. */
struct place {
    char sha256[SHA256_LEN];
    char key[RECORD_KEY_MAX];
    size_t key_len;
};

struct reduce {
    FILE *out;
    FILE *log;
    struct place first;    /* of the group of equal pictures */
    struct place previous; /* line */
    uint64_t records;
    uint64_t duplicates;
    bool has_tally;
    struct tally tally;
    struct tally part;
};

static int compare(const struct place *a, const struct place *b)
{
    int order = memcmp(a->sha256, b->sha256, SHA256_LEN);
    if (order == 0)
        order = memcmp(a->key, b->key, a->key_len < b->key_len ? a->key_len : b->key_len);
    return order != 0 ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

static bool is_sha256(struct field f)
{
    for (size_t i = 0; i < f.len; i++)
        if (strchr("0123456789abcdef", f.text[i]) == NULL || f.text[i] == '\0')
            return false;
    return f.len == SHA256_LEN;
}

/* The line's place, and the record behind it; its picture is the mapper's and not looked at. */
static bool parse(struct place *place, struct field *record, const struct line *line,
                  struct error *err)
{
    struct field sha256, rest = {line->text, line->len};
    struct record r;
    if (line->is_cut || !record_field(&sha256, &rest) || !is_sha256(sha256))
        return error_set(err, ERROR_BAD_DATA, "it does not come from digit-map");
    if (!record_parse(&r, rest.text, rest.len, err))
        return false;
    if (r.key.len == 0 || r.first.len != 0)
        return error_set(err, ERROR_BAD_DATA, "it does not come from digit-map");
    memcpy(place->sha256, sha256.text, SHA256_LEN);
    memcpy(place->key, r.key.text, r.key.len);
    place->key_len = r.key.len;
    *record = rest;
    return true;
}

static bool reduce_record(struct reduce *r, const struct line *line, struct error *err)
{
    struct place place;
    struct field record = {0};
    if (!parse(&place, &record, line, err))
        return false;
    const bool is_first = r->records == 0 || memcmp(place.sha256, r->first.sha256, SHA256_LEN) != 0;
    if (r->records > 0 && compare(&place, &r->previous) < 0)
        return error_set(err, ERROR_BAD_DATA, "it is not in order; sort by the first two fields");
    if (is_first)
        r->first = place;
    r->previous = place;
    r->records++;
    r->duplicates += !is_first;
    (void)fwrite(record.text, 1, record.len, r->out);
    if (!is_first)
        (void)fprintf(r->out, "\t%.*s", (int)r->first.key_len, r->first.key);
    (void)fputc('\n', r->out);
    return true;
}

/* ~statistics are added up; all other notes pass. */
static bool reduce_note(struct reduce *r, const struct line *line, struct error *err)
{
    struct field name, rest = {line->text, line->len};
    (void)record_field(&name, &rest);
    if (name.len == sizeof RECORD_STATISTICS - 1 &&
        memcmp(name.text, RECORD_STATISTICS, name.len) == 0) {
        r->has_tally = true;
        return tally_parse(&r->part, line->text, line->len, err) &&
               tally_merge(&r->tally, &r->part, err);
    }
    (void)fwrite(line->text, 1, line->len, r->out);
    (void)fputc('\n', r->out);
    return true;
}

static bool reduce_line(struct reduce *r, const struct line *line, uint64_t number,
                        struct error *err)
{
    struct error why = {0};
    if (!(record_is_note(line->text, line->len) ? reduce_note : reduce_record)(r, line, &why))
        return error_set(err, why.code, "line %" PRIu64 ": %s", number, why.text);
    return !ferror(r->out) || error_set(err, ERROR_FILE, "the output cannot be written");
}

static bool reduce_lines(struct reduce *r, int in, struct error *err)
{
    struct lines lines;
    struct line line = {0};
    bool ok;
    lines_begin(&lines, in, RECORD_LINE_MAX);
    while ((ok = lines_next(&lines, &line, err)) && line.text != NULL) {
        ok = reduce_line(r, &line, lines.number, err);
        if (!ok)
            break;
        reporter_status(r->log, lines.number - 1, lines.number);
    }
    lines_end(&lines);
    return ok;
}

bool reduce_run(int in, FILE *out, FILE *log, struct error *err)
{
    struct reduce *r = calloc(1, sizeof *r);
    if (r == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the statistics");
    r->out = out;
    r->log = log;
    bool ok = reduce_lines(r, in, err);
    if (ok) {
        if (r->has_tally)
            tally_write(out, &r->tally);
        reporter_counter(log, "duplicates", r->duplicates);
    }
    free(r);
    return ok;
}

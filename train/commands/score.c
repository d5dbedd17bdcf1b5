/*
 * digit score: which digit is on each record? Standard input to standard output, a line for a line,
 * in order. What a line says is in train/dataset/record.h; what is made of it:
 *
 *   KEY <TAB> DIGIT <TAB> P0 <TAB> ... <TAB> P9     the probabilities, as the server writes them
 *   KEY <TAB> - <TAB> REASON                        a line that cannot be scored
 *
 * KEY is the record's, or the line's number where it has none. Notes make no line. As the mapper of
 * a Streaming job it also counts for Hadoop.
 */
#include <assert.h>
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/number.h"
#include "train/commands.h"
#include "train/dataset/record.h"
#include "train/evaluation.h"
#include "train/hadoop/reporter.h"
#include "train/pipeline.h"
#include "train/progress.h"
#include "train/subject.h"

enum { THREADS_MAX = 1024 };

struct score_options {
    struct subject_options subject;
    size_t threads;
    bool quiet;
};

/* What the threads share. */
struct scorer {
    struct engine *engine;
    struct progress progress;
    uint64_t lines; /* written */
    atomic_uint_fast64_t scored;
    atomic_uint_fast64_t refused;
};

/* What a batch needs while it is worked on. */
struct scratch {
    float pixels[PIPELINE_LINES_MAX][DIGIT_PIXELS];
    float probabilities[PIPELINE_LINES_MAX][DIGIT_CLASSES];
    struct error refusals[PIPELINE_LINES_MAX]; /* by line */
};

static_assert(RECORD_KEY_MAX + 2 + DIGIT_CLASSES * (NUMBER_SIZE + 1) + 2 <= PIPELINE_OUT_MAX,
              "a scored line fits");
static_assert(RECORD_KEY_MAX + 3 + sizeof((struct error *)0)->text + 1 <= PIPELINE_OUT_MAX,
              "a refused line fits");

/* ---- on the workers' threads ---- */

static bool read_line(float pixels[DIGIT_PIXELS], const struct line *line, struct error *err)
{
    struct record r;
    if (line->is_cut)
        return error_set(err, ERROR_BAD_DATA, "it is longer than %d bytes", RECORD_LINE_MAX);
    return record_parse(&r, line->text, line->len, err) && record_floats(pixels, &r, err);
}

static char *write_text(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return out + len;
}

/* The record's key, even where the rest of it is wrong, or the line's number. */
static char *write_key(char *out, const struct line *line, uint64_t number)
{
    struct field key, rest = {line->text, line->len};
    if (record_field(&key, &rest) && record_is_key(key))
        return write_text(out, key.text, key.len);
    return out + sprintf(out, "%" PRIu64, number);
}

static char *write_answer(char *out, const float probabilities[DIGIT_CLASSES])
{
    *out++ = '\t';
    *out++ = (char)('0' + evaluation_argmax(probabilities));
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        *out++ = '\t';
        out += number_write(out, probabilities[i]);
    }
    return out;
}

static void write_batch(struct scorer *s, struct pipeline_batch *b)
{
    const struct scratch *scratch = b->scratch;
    size_t scored = 0, refused = 0;
    char *out = b->out;
    for (size_t i = 0; i < b->count; i++) {
        const struct line *line = &b->lines[i];
        if (record_is_note(line->text, line->len))
            continue;
        out = write_key(out, line, b->first + i);
        if (scratch->refusals[i].code == ERROR_NONE) {
            out = write_answer(out, scratch->probabilities[scored++]);
        } else {
            out = write_text(out, "\t-\t", 3);
            out = write_text(out, scratch->refusals[i].text, strlen(scratch->refusals[i].text));
            refused++;
        }
        *out++ = '\n';
    }
    b->out_len = (size_t)(out - b->out);
    s->scored += scored;
    s->refused += refused;
}

static bool work(void *context, struct pipeline_batch *b, struct error *err)
{
    struct scorer *s = context;
    struct scratch *scratch = b->scratch;
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct line *line = &b->lines[i];
        struct error *refusal = &scratch->refusals[i];
        refusal->code = ERROR_NONE;
        if (record_is_note(line->text, line->len))
            continue;
        count += read_line(scratch->pixels[count], line, refusal);
        if (refusal->code == ERROR_OUT_OF_MEMORY)
            return error_set(err, refusal->code, "%s", refusal->text);
    }
    if (count > 0 &&
        !engine_predict(s->engine, scratch->pixels[0], count, scratch->probabilities[0], err))
        return false;
    write_batch(s, b);
    return true;
}

/* ---- on the main thread ---- */

static void written(void *context, uint64_t lines)
{
    struct scorer *s = context;
    progress_show(&s->progress, (size_t)lines, "score");
    if (reporter_listens())
        reporter_status(stderr, s->lines, lines);
    s->lines = lines;
}

static size_t processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

static void tell(struct scorer *s, bool quiet)
{
    const uint64_t scored = s->scored, refused = s->refused;
    progress_end(&s->progress, (size_t)(scored + refused), "score");
    if (reporter_listens()) {
        reporter_counter(stderr, "scored", scored);
        reporter_counter(stderr, "invalid", refused);
    } else if (refused > 0 && !quiet) {
        (void)fprintf(stderr, "digit: %" PRIu64 " of %" PRIu64 " lines could not be scored; %s\n",
                      refused, scored + refused, "each says why, behind a '-'");
    }
}

static bool score(struct scorer *s, const struct score_options *o, struct error *err)
{
    const struct pipeline_options options = {
        .in = STDIN_FILENO,
        .line_max = RECORD_LINE_MAX,
        .out = stdout,
        .threads = o->threads > 0 ? o->threads : processors(),
        .scratch_size = sizeof(struct scratch),
        .work = work,
        .written = written,
        .context = s,
    };
    progress_begin(&s->progress, !o->quiet && isatty(STDERR_FILENO) ? stderr : NULL, 0);
    if (!pipeline_run(&options, err))
        return false;
    tell(s, o->quiet);
    return true;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    (void)operands;
    (void)operand_count;
    const struct score_options *o = arguments;
    struct scorer scorer = {0};
    struct subject subject;
    if (!subject_open(&subject, &o->subject, err))
        return 1;
    scorer.engine = subject.engine;
    bool ok = score(&scorer, o, err);
    subject_close(&subject);
    return ok ? 0 : 1;
}

#define AT(member) offsetof(struct score_options, member)

static const struct option_row rows[] = {
    SUBJECT_MODEL_ROW(AT(subject)),
    SUBJECT_ENGINE_ROWS(AT(subject)),
    {"threads", "N", "0", "that decode and compute; 0 for all processors", OPTION_COUNT,
     AT(threads), 0, THREADS_MAX},
    {"quiet", NULL, NULL, "show no progress", OPTION_FLAG, AT(quiet), 0, 0},
};

const struct command command_score = {
    .name = "score",
    .summary = "Say which digit is on each record of standard input, a line for a line",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct score_options),
    .run = run,
};

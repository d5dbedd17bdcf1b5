/*
 * digit statistics: what the preparing job found out, from its output.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "train/commands.h"
#include "train/dataset/findings.h"
#include "train/dataset/source.h"
#include "train/store_options.h"

struct statistics_options {
    struct store_flags store;
    const char *out;
    bool json;
};

static void print_text(const struct findings *f)
{
    const struct tally *t = &f->tally;
    (void)printf("pictures    %" PRIu64 "\n", tally_count(t));
    (void)printf("invalid     %zu\n", f->invalid.count);
    (void)printf("blank       %zu\n", f->blank.count);
    (void)printf("duplicates  %zu (%zu of another set, %zu of another label)\n",
                 f->duplicates.count, findings_across_sets(f), findings_contradictions(f));
    (void)printf("mean        %.6f\n", tally_mean(t));
    (void)printf("deviation   %.6f\n\ndigit  pictures\n", tally_deviation(t));
    for (size_t c = 0; c < DIGIT_CLASSES; c++)
        (void)printf("%5zu  %8" PRIu64 "\n", c, t->counts[c]);
}

static bool report(const struct findings *f, const struct statistics_options *o, struct error *err)
{
    if (o->out[0] != '\0' && !findings_png(f, o->out, err))
        return false;
    if (o->json)
        findings_json(f, stdout);
    else
        print_text(f);
    return true;
}

/* The source is closed before anything is printed: whoever reads may go away, and ends us. */
static bool read_findings(struct findings *f, const char *where, const struct store_options *store,
                          struct error *err)
{
    struct source source;
    if (!source_open(&source, where, store, isatty(STDERR_FILENO) ? stderr : NULL, err))
        return false;
    bool ok = findings_read(f, &source, err);
    source_close(&source);
    return ok;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    const struct statistics_options *o = arguments;
    const struct store_options store = store_options_from(&o->store);
    struct findings *f = calloc(1, sizeof *f);
    if (operand_count > 1) {
        (void)error_set(err, ERROR_BAD_ARGUMENT, "'%s' is one word too many", operands[1]);
    } else if (f == NULL) {
        (void)error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the statistics");
    } else if (read_findings(f, operands[0], &store, err)) {
        (void)report(f, o, err);
        findings_free(f);
    }
    free(f);
    return err->code == ERROR_NONE ? 0 : STATUS_FAILED;
}

#define AT(member) offsetof(struct statistics_options, member)

static const struct option_row rows[] = {
    {"json", NULL, NULL, "print JSON, with lists and mean images", OPTION_FLAG, AT(json), 0, 0},
    {"out", "FILE", "", "write the digits' mean images as a PNG file", OPTION_TEXT, AT(out), 0, 0},
    STORE_OPTION_ROWS(struct statistics_options, store),
};

const struct command command_statistics = {
    .name = "statistics",
    .summary = "Say what the preparing job on Hadoop found out about its pictures",
    .operands = "FOLDER|URL",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct statistics_options),
    .run = run,
};

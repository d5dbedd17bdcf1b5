/*
 * What the preparing job found out about a data set: its figures, and which records are invalid,
 * blank or there more than once.
 */
#ifndef DIGIT_FINDINGS_H
#define DIGIT_FINDINGS_H

#include <stddef.h>
#include <stdio.h>

#include "model/error.h"
#include "train/dataset/record.h"
#include "train/dataset/source.h"
#include "train/dataset/tally.h"

enum { FINDING_TEXT_SIZE = 256 };

struct finding {
    char key[RECORD_KEY_MAX + 1];
    char other[FINDING_TEXT_SIZE]; /* invalid: why; duplicate: the key of the first */
    int label, other_label;        /* duplicate */
};

struct findings_list {
    struct finding *items; /* owned; in the order of their keys */
    size_t count;
    size_t room;
};

struct findings {
    struct tally tally;
    struct findings_list invalid;
    struct findings_list blank;
    struct findings_list duplicates;
};

/* Fills *out from a job's output. On failure *out is empty. */
bool findings_read(struct findings *out, struct source *s, struct error *err) MUST_CHECK;

/* Duplicates whose first has another label; and those of another set (what stands before a key's
 * '/'). */
size_t findings_contradictions(const struct findings *f);
size_t findings_across_sets(const struct findings *f);

/* Prints all of it as JSON. */
void findings_json(const struct findings *f, FILE *out);

/* Writes the classes' mean images as a PNG file: two rows of five, each pixel enlarged. */
bool findings_png(const struct findings *f, const char *path, struct error *err) MUST_CHECK;

/* Accepts empty findings. */
void findings_free(struct findings *f);

#endif

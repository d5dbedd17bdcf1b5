/*
 * What the preparing job leaves behind: a folder of part-* files with records, notes and figures
 * (train/dataset/record.h), to be read as a whole.
 */
#ifndef DIGIT_PREPARED_H
#define DIGIT_PREPARED_H

#include "model/error.h"
#include "train/dataset/record.h"
#include "train/dataset/source.h"
#include "train/dataset/tally.h"

/* Who is told what is there. What is handed over lasts until the function returns; false and a
 * filled *err ends the reading. */
struct prepared_reader {
    bool (*record)(void *context, const struct record *r, const uint8_t pixels[DIGIT_PIXELS],
                   struct error *err);
    /* Of a ~invalid note. NULL: nobody. */
    bool (*invalid)(void *context, struct field key, struct field reason, struct error *err);
    void *context;
};

/* Whether there are part-* files. */
bool prepared_is_there(const struct source *s);

/* Reads every part-* file, in the order of their names. Fills *out with the job's figures, having
 * counted again: records that do not add up to exactly them are ERROR_BAD_DATA, so that no part can
 * be missing, doubled or altered. */
bool prepared_read(struct tally *out, struct source *s, const struct prepared_reader *reader,
                   struct error *err) MUST_CHECK;

#endif

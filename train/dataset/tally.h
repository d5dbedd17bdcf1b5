/*
 * What is counted and summed over many pictures, in whole numbers: parts that were counted apart
 * merge to exactly what counting all at once gives, in whatever order.
 *
 * As text it is one line: RECORD_STATISTICS, a TAB, the version of this form (1), a TAB, and all
 * the numbers in the order of the struct, decimal, with one space between.
 */
#ifndef DIGIT_TALLY_H
#define DIGIT_TALLY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/digit.h"
#include "model/error.h"

/* Numbers of one type only: it is gone through as an array of them. */
struct tally {
    uint64_t invalid; /* lines that are no records */
    uint64_t blank;   /* records on which nothing can be seen; in all that follows, too */
    uint64_t sum;     /* of all pixels */
    uint64_t squares; /* of all pixels' squares */
    uint64_t counts[DIGIT_CLASSES];
    uint64_t sums[DIGIT_CLASSES][DIGIT_PIXELS];
};

/* Adds a record's picture. */
void tally_add(struct tally *t, int label, const uint8_t pixels[DIGIT_PIXELS]);

/* Adds what another tally holds. Fails when a number would overflow; *t is of no use then. */
bool tally_merge(struct tally *t, const struct tally *other, struct error *err) MUST_CHECK;

/* Pictures of all classes. */
uint64_t tally_count(const struct tally *t);

/* Of pixel / 255; 0 without pictures. */
double tally_mean(const struct tally *t);
double tally_deviation(const struct tally *t);

/* The mean of one pixel over the pictures of a class, 0..1; 0 without pictures. */
double tally_class_mean(const struct tally *t, size_t label, size_t pixel);

/* Writes its line, newline included. */
void tally_write(FILE *out, const struct tally *t);

/* Fills *out from a line without its newline. The error's text is about "it": the line. */
bool tally_parse(struct tally *out, const char *line, size_t len, struct error *err) MUST_CHECK;

#endif

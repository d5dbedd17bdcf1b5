/*
 * The reducer: which pictures are there more than once? Its lines come sorted by their first two
 * fields, and all lines with one first field come to one reducer. (Streaming: two fields as the
 * key, KeyFieldBasedPartitioner on the first.) Memory is bounded, however often a picture occurs.
 */
#ifndef DIGIT_REDUCE_H
#define DIGIT_REDUCE_H

#include <stdio.h>

#include "model/error.h"

/* Reads what map_run writes, sorted, from the descriptor `in`, and writes the prepared records to
 * `out`, each duplicate with the key of the first of its kind, the ~invalid notes as they are, and
 * at the end one ~statistics note in place of all that came, if any did; counters to `log`. Fails
 * on lines that are not the mapper's or not in order. */
bool reduce_run(int in, FILE *out, FILE *log, struct error *err) MUST_CHECK;

#endif

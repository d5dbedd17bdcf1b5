/*
 * The mapper: what is in these lines? One part of the data, of any size, in bounded memory.
 */
#ifndef DIGIT_MAP_H
#define DIGIT_MAP_H

#include <stdio.h>

#include "model/error.h"

/* Reads labelled records from the descriptor `in` and writes to `out`, a line for each, prepared
 * records behind their SHA-256 and ~invalid notes, and at the end one ~statistics note (see
 * train/dataset/record.h); counters to `log`. Notes that come in are passed over. Fails where lines
 * cannot be read or written; a line that is no record is no failure. */
bool map_run(int in, FILE *out, FILE *log, struct error *err) MUST_CHECK;

#endif

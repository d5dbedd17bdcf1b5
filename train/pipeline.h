/*
 * Lines in, lines out, in order, on many threads: batches of lines go to workers, and what they
 * make of them is written in the order in which the lines came.
 */
#ifndef DIGIT_PIPELINE_H
#define DIGIT_PIPELINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/error.h"
#include "train/dataset/lines.h"

enum {
    PIPELINE_LINES_MAX = 128,           /* in a batch */
    PIPELINE_TEXT_ENOUGH = 1024 * 1024, /* a batch with so many bytes takes no further line */
    PIPELINE_OUT_MAX = 512,             /* bytes that a line may become */
};

struct pipeline_batch {
    uint64_t first; /* the number of the first line, from 1 */
    size_t count;
    struct line lines[PIPELINE_LINES_MAX];
    void *scratch; /* of the size asked for, not cleared */
    char *out;     /* room for count x PIPELINE_OUT_MAX */
    size_t out_len;
};

struct pipeline_options {
    int in;
    size_t line_max;
    FILE *out;
    size_t threads; /* at least 1 */
    size_t scratch_size;
    /* Makes b->out of the lines. Many threads at once. */
    bool (*work)(void *context, struct pipeline_batch *b, struct error *err);
    /* Told after a batch has been written, how many lines there have been; the caller's thread. */
    void (*written)(void *context, uint64_t lines);
    void *context;
};

/* Until the input ends. What came before a failure may have been written or not. */
bool pipeline_run(const struct pipeline_options *options, struct error *err) MUST_CHECK;

#endif

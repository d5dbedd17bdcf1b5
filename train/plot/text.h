/*
 * A text that grows in memory, behind a FILE. Unlike open_memstream's (glibc 2.36) the stream knows
 * by ferror() when memory ended, so that no text is written in part.
 */
#ifndef DIGIT_PLOT_TEXT_H
#define DIGIT_PLOT_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "model/error.h"

/* Stays where it is from plot_text_open to plot_text_close. */
struct plot_text {
    FILE *out;
    char *bytes; /* complete after plot_text_finish; NULL where nothing was printed */
    size_t len;
    size_t room;
};

bool plot_text_open(struct plot_text *t, struct error *err) MUST_CHECK;

/* Closes `out`. Fails with ERROR_OUT_OF_MEMORY where not all that was printed is there. */
bool plot_text_finish(struct plot_text *t, struct error *err) MUST_CHECK;

/* At any time, and again. */
void plot_text_close(struct plot_text *t);

#endif

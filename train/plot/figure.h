/*
 * A figure: NAME.svg and NAME.png in a folder, drawn by gnuplot, with all that it takes to draw
 * them again kept beside them: NAME.gp, style.gp, NAME.tsv.
 */
#ifndef DIGIT_FIGURE_H
#define DIGIT_FIGURE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/digit.h"
#include "model/error.h"
#include "train/plot/text.h"

enum { FIGURE_NUMBER_SIZE = 32 };

struct figure {
    const char *folder; /* lent */
    const char *name;   /* lent */
    struct plot_text settings;
    struct plot_text data;   /* rows for NAME.tsv: columns apart by tabs */
    struct plot_text pixels; /* rows for NAME-pixels.tsv, which is there only when it has any */
};

/* Begins a figure in a folder that is there. The title may hold any text. */
bool figure_open(struct figure *f, const char *folder, const char *name, const char *title,
                 struct error *err) MUST_CHECK;
void figure_subtitle(struct figure *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fills and lends a whole number as people read it: "10,000". */
const char *figure_number(char out[FIGURE_NUMBER_SIZE], size_t number);

/* Gives the script a number. */
void figure_set(struct figure *f, const char *variable, double value);

/* Where the rows of data are printed to; lent until figure_draw. */
FILE *figure_data(struct figure *f);

/* Adds a picture to a figure of pictures (script_tiles). Rows of data are their texts. */
void figure_picture(struct figure *f, const uint8_t pixels[DIGIT_PIXELS]);

/* Writes the files and has the pictures drawn with one of train/plot/scripts.h. */
bool figure_draw(struct figure *f, const char *script, struct error *err) MUST_CHECK;

void figure_close(struct figure *f);

#endif

/*
 * Pictures and bars as text (Unicode, UTF-8). Colours only where they are welcome: on a terminal,
 * unless NO_COLOR is set (no-color.org) or TERM is "dumb".
 */
#ifndef DIGIT_TERMINAL_H
#define DIGIT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/digit.h"

enum { TERMINAL_ROWS = DIGIT_SIDE / 2 };

/* Whether people look at it, and whether they want colours. */
bool terminal_is(FILE *out);
bool terminal_colours(FILE *out);

/* Prints one of the TERMINAL_ROWS rows of a picture (0..255), 28 columns wide: two pixels a column,
 * one above the other, in shades of grey or, without colours, drawn or not. No line end. */
void terminal_picture_row(FILE *out, const uint8_t pixels[DIGIT_PIXELS], size_t row, bool colours);

/* Prints a bar of `share` (0..1) of `width` columns, to an eighth of a column, and the blanks up to
 * its end. */
void terminal_bar(FILE *out, double share, size_t width, bool strong, bool colours);

#endif

/*
 * Files of train/plot/scripts/ that are built into the program, each a text with a NUL at its end.
 */
#ifndef DIGIT_SCRIPTS_H
#define DIGIT_SCRIPTS_H

extern const char script_style[];  /* gnuplot: what all figures have in common */
extern const char script_curves[]; /* gnuplot: one figure each */
extern const char script_confusion[];
extern const char script_reliability[];
extern const char script_tiles[];
extern const char script_theme[]; /* CSS in each SVG: fonts, dark and light */
extern const char script_page[];  /* CSS of report.html */

#endif

/*
 * gnuplot as a child process.
 */
#ifndef DIGIT_GNUPLOT_H
#define DIGIT_GNUPLOT_H

#include "model/error.h"

/* Runs `gnuplot script` in the folder, without anybody's own settings, and waits for it. Fails with
 * one line when gnuplot is not installed or finds a mistake. */
bool gnuplot_run(const char *folder, const char *script, struct error *err) MUST_CHECK;

#endif

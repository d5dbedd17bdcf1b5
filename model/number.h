/*
 * Numbers as JSON (RFC 8259): floats written as the shortest decimal that reads back as the same
 * float, and decimals read.
 */
#ifndef DIGIT_NUMBER_H
#define DIGIT_NUMBER_H

#include <stddef.h>

enum { NUMBER_SIZE = 32 };

/* Fills `out` with the number, which must be finite, as JSON (RFC 8259) and returns its length;
 * writes no NUL. No shorter decimal reads back as the same float; of those that are as short, it
 * is the closest. Laid out as ECMAScript's Number::toString does (0.000001, 1e-7), except that
 * negative zero is -0. Any thread. */
size_t number_write(char out[NUMBER_SIZE], float value);

/* Returns the length of the JSON number that `text` begins with, and fills *out; 0 when it begins
 * with none. What is beyond a double is infinite, what is beneath it 0. Made a float, it is the one
 * nearest to the decimal, unless that lies within a millionth of a float's step of the middle
 * between two. Any thread. */
size_t number_read(double *out, const char *text, size_t len);

#endif

/*
 * The strings of a text that is pulled, and its refusal. For server/pull/ only.
 */
#ifndef DIGIT_PULL_STRING_H
#define DIGIT_PULL_STRING_H

#include "server/pull.h"

/* Reads the string at p->at, which is its first quote. */
bool string_read(struct pull *p, struct pull_text *out);

/* Says that the text is no JSON: where, counted in lines and bytes from 1, and why. Returns false.
 */
bool pull_refuse(struct pull *p, const char *at, const char *why);

#endif

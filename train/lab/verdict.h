/*
 * What there is to say about a model's answers, for people and for programs.
 */
#ifndef DIGIT_VERDICT_H
#define DIGIT_VERDICT_H

#include <stdio.h>

#include "train/lab/answers.h"
#include "train/subject.h"

enum { VERDICT_MISTAKES = 40 }; /* at most that many are shown, the worst first */

void verdict_text(FILE *out, const struct answers *a, const struct subject *s);
void verdict_json(FILE *out, const struct answers *a, const struct subject *s);

/* A line for each picture: index, digit, answer, its probability, the digit's probability. */
void verdict_table(FILE *out, const struct answers *a);

#endif

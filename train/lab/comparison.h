/*
 * Two models on the same pictures.
 */
#ifndef DIGIT_COMPARISON_H
#define DIGIT_COMPARISON_H

#include <stdio.h>

#include "train/lab/answers.h"
#include "train/lab/significance.h"
#include "train/subject.h"

struct comparison {
    const struct subject *subjects; /* lent: 2 */
    const struct answers *answers;  /* lent: 2, of equal counts */
    size_t both_right;
    size_t only[2]; /* right where the other is wrong */
    size_t both_wrong;
    size_t agreed; /* the same answer, right or wrong */
    struct significance_mcnemar test;
};

void comparison_make(struct comparison *out, const struct subject subjects[2],
                     const struct answers answers[2]);

void comparison_text(FILE *out, const struct comparison *c);
void comparison_json(FILE *out, const struct comparison *c);

/* Fills `indices` with up to `max` pictures that have two answers, those first where one of the
 * models is right, and gives their number. */
size_t comparison_differences(uint32_t *indices, size_t max, const struct comparison *c);

#endif

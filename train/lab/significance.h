/*
 * How sure a figure is, and whether two models differ by more than chance.
 */
#ifndef DIGIT_SIGNIFICANCE_H
#define DIGIT_SIGNIFICANCE_H

#include <stdbool.h>
#include <stddef.h>

/* Below so many discordant pairs chi-square is not good enough. */
enum { SIGNIFICANCE_FEW = 25 };

struct significance_interval {
    double low;
    double high;
};

/* The 95% confidence interval of a share, `part` of `whole`: Wilson's score interval ("Probable
 * Inference, the Law of Succession, and Statistical Inference", 1927). 0 to 1 when there is
 * nothing. */
struct significance_interval significance_wilson(size_t part, size_t whole);

struct significance_mcnemar {
    bool exact;       /* by the binomial distribution; else chi-square, continuity corrected */
    double statistic; /* chi-square; 0 when exact */
    double p;         /* two-sided: chance of a difference as large, were both equally good */
};

/* McNemar's test ("Note on the sampling error of the difference between correlated proportions or
 * percentages", 1947) from the discordant pairs: the pictures that only one model has right, and
 * those that only the other has. Exact below SIGNIFICANCE_FEW of them. */
struct significance_mcnemar significance_mcnemar(size_t only_first, size_t only_second);

#endif

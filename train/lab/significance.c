/*
 * Intervals and tests of shares. Pure functions; any thread.
 */
#include "train/lab/significance.h"

#include <math.h>

/* Of the standard normal distribution: 97.5% lie below. */
static const double z95 = 1.959963984540054;

struct significance_interval significance_wilson(size_t part, size_t whole)
{
    if (whole == 0)
        return (struct significance_interval){0, 1};
    double n = (double)whole, share = (double)part / n, z2 = z95 * z95;
    double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double reach = z95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (struct significance_interval){
        .low = part == 0 ? 0 : middle - reach,
        .high = part == whole ? 1 : middle + reach,
    };
}

/* Twice the chance of at most `fewer` heads in n tosses of a fair coin. */
static double binomial(size_t fewer, size_t n)
{
    double term = pow(0.5, (double)n), sum = 0;
    for (size_t i = 0; i <= fewer; i++) {
        sum += term;
        term *= (double)(n - i) / (double)(i + 1);
    }
    return fmin(1, 2 * sum);
}

struct significance_mcnemar significance_mcnemar(size_t only_first, size_t only_second)
{
    size_t n = only_first + only_second;
    size_t fewer = only_first < only_second ? only_first : only_second;
    if (n < SIGNIFICANCE_FEW)
        return (struct significance_mcnemar){.exact = true, .p = binomial(fewer, n)};
    /* Continuity: the difference can only be a whole number, and not less than nothing. */
    double difference = fmax(0, (double)(n - 2 * fewer) - 1);
    double statistic = difference * difference / (double)n;
    return (struct significance_mcnemar){.statistic = statistic, .p = erfc(sqrt(statistic / 2))};
}

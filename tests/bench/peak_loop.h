/*
 * The loop behind peak.h, compiled once for each instruction set.
 */
#ifndef DIGIT_BENCH_PEAK_LOOP_H
#define DIGIT_BENCH_PEAK_LOOP_H

#include <stddef.h>

enum { PEAK_SUMS = 12 };

struct peak_loop {
    const char *isa;
    size_t lanes;
    /* Does turns x PEAK_SUMS x lanes multiply-adds. What it returns is of no use but to keep them.
     */
    float (*run)(size_t turns, const float seeds[PEAK_SUMS], float factor, float term);
};

extern const struct peak_loop peak_loop_avx512;
extern const struct peak_loop peak_loop_avx2;
extern const struct peak_loop peak_loop_sse2;
extern const struct peak_loop peak_loop_neon;

#endif

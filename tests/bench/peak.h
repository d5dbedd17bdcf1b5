/*
 * The most multiply-adds that this processor does: what an engine's figures are measured against.
 */
#ifndef DIGIT_BENCH_PEAK_H
#define DIGIT_BENCH_PEAK_H

#include <stddef.h>

/* Lends the name of the index-th instruction set that this processor runs; NULL past the last. */
const char *peak_isa(size_t index);

/* Billions of float operations a second, a multiply-add being two, on this thread, in the best of
 * the turns that fit into `seconds`. The index must be one of peak_isa's. */
double peak_gflops(size_t index, double seconds);

#endif

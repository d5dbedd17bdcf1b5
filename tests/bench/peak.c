/*
 * Which loops this processor runs, and how fast.
 */
#include "tests/bench/peak.h"

#include <assert.h>
#include <stdbool.h>

#include "tests/bench/clock.h"
#include "tests/bench/peak_loop.h"

enum { TURNS = 200000 };

#if defined __x86_64__
static bool runs(size_t i)
{
    return i == 0   ? __builtin_cpu_supports("avx512f")
           : i == 1 ? __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                    : true;
}
static const struct peak_loop *const loops[] = {&peak_loop_avx512, &peak_loop_avx2,
                                                &peak_loop_sse2};
#else
static bool runs(size_t i)
{
    (void)i;
    return true;
}
static const struct peak_loop *const loops[] = {&peak_loop_neon};
#endif

/* The index-th of those that run. */
static const struct peak_loop *runnable(size_t index)
{
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        if (runs(i) && index-- == 0)
            return loops[i];
    return NULL;
}

const char *peak_isa(size_t index)
{
    const struct peak_loop *loop = runnable(index);
    return loop != NULL ? loop->isa : NULL;
}

double peak_gflops(size_t index, double seconds)
{
    const struct peak_loop *loop = runnable(index);
    assert(loop != NULL);
    const double operations = 2.0 * TURNS * PEAK_SUMS * (double)loop->lanes;
    /* Sums near one for ever: 0.5 x 1 + 0.5. */
    float seeds[PEAK_SUMS];
    for (size_t i = 0; i < PEAK_SUMS; i++)
        seeds[i] = 1.0f + (float)i / PEAK_SUMS;
    double best = 0.0, start = clock_seconds(), from = start, to;
    volatile float kept = 0.0f;
    do {
        kept = loop->run(TURNS, seeds, 0.5f, 0.5f);
        to = clock_seconds();
        if (operations / (to - from) > best)
            best = operations / (to - from);
        from = to;
    } while (to - start < seconds);
    (void)kept;
    return best / 1e9;
}

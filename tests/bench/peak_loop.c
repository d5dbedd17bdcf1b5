/*
 * Multiply-adds and nothing else. Twelve sums hide the latency of an instruction that takes four
 * or five cycles and starts twice in each, and with the two operands they fit into 16 registers:
 * nothing of the loop is in memory. They start from different seeds, or they would be one sum to
 * the compiler.
 */
#include "tests/bench/peak_loop.h"

#if defined __AVX512F__
enum { LANES = 16 };
#define PEAK_LOOP peak_loop_avx512
#define PEAK_ISA "avx512"
#elif defined __AVX2__
enum { LANES = 8 };
#define PEAK_LOOP peak_loop_avx2
#define PEAK_ISA "avx2"
#elif defined __SSE2__
enum { LANES = 4 };
#define PEAK_LOOP peak_loop_sse2
#define PEAK_ISA "sse2"
#elif defined __ARM_NEON
enum { LANES = 4 };
#define PEAK_LOOP peak_loop_neon
#define PEAK_ISA "neon"
#else
#error "the loop is written for x86-64 and aarch64"
#endif

typedef float vec __attribute__((vector_size(LANES * sizeof(float))));

#define EACH_SUM(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

static float run(size_t turns, const float seeds[PEAK_SUMS], float factor, float term)
{
    const vec factors = factor - (vec){0}, terms = term - (vec){0};
#define START(i) vec sum##i = seeds[i] - (vec){0};
    EACH_SUM(START)
    for (size_t turn = 0; turn < turns; turn++) {
#define STEP(i) sum##i = sum##i * factors + terms;
        EACH_SUM(STEP)
    }
    vec total = {0};
#define TOTAL(i) total += sum##i;
    EACH_SUM(TOTAL)
    float result = 0.0f;
    for (size_t lane = 0; lane < LANES; lane++)
        result += total[lane];
    return result;
}

const struct peak_loop PEAK_LOOP = {.isa = PEAK_ISA, .lanes = LANES, .run = run};

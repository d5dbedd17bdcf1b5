/*
 * What the kernels know of the instruction set that they are compiled for. Arithmetic is GCC's
 * vector extension: `vec * float` multiplies every lane, and -ffp-contract=fast makes
 * `acc += vec * float` one fused instruction where there is one.
 */
#ifndef DIGIT_NATIVE_SIMD_H
#define DIGIT_NATIVE_SIMD_H

#include <stddef.h>

#include "model/native/plan.h"

/* VECS: the vectors of outputs that an inner loop keeps for each row, of each of GROUP panels. With
 * ROWS_MAX rows they and the operands fill the registers: 12 sums of 16 registers with AVX2 and
 * SSE2, and 24 of 32 on aarch64 and with AVX-512. The latter's 24 are two panels of 12 rows: 12
 * sums would hide the latency of its two multipliers, but each multiplication would then load an
 * operand of its own, and there are only two loads a cycle (a quarter less time than with one
 * panel). */
#if defined __AVX512F__
#include <immintrin.h>
enum { LANES = 16, VECS = 1, ROWS_MAX = 12, GROUP = PLAN_GROUP };
#define vec_max(a, b) _mm512_max_ps(a, b)
#define KERNEL(name) name##_avx512
#define KERNEL_ISA "avx512"
#elif defined __AVX2__
#include <immintrin.h>
enum { LANES = 8, VECS = 2, ROWS_MAX = 6, GROUP = 1 };
#define vec_max(a, b) _mm256_max_ps(a, b)
#define KERNEL(name) name##_avx2
#define KERNEL_ISA "avx2"
#elif defined __SSE2__
#include <emmintrin.h>
enum { LANES = 4, VECS = 2, ROWS_MAX = 6, GROUP = 1 };
#define vec_max(a, b) _mm_max_ps(a, b)
#define KERNEL(name) name##_sse2
#define KERNEL_ISA "sse2"
#elif defined __ARM_NEON
#include <arm_neon.h>
enum { LANES = 4, VECS = 4, ROWS_MAX = 6, GROUP = 1 };
#define vec_max(a, b) vmaxq_f32(a, b)
#define KERNEL(name) name##_neon
#define KERNEL_ISA "neon"
#else
#error "the kernels are written for AVX-512, AVX2, SSE2 and NEON"
#endif

enum { WIDTH = VECS * LANES };

typedef float vec __attribute__((vector_size(LANES * sizeof(float)), may_alias));

#define ALWAYS_INLINE inline __attribute__((always_inline))

static ALWAYS_INLINE vec vec_load(const float *p)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a plan's lists are there as it says */
    return *(const vec *)p;
}

static ALWAYS_INLINE void vec_store(float *p, vec v)
{
    *(vec *)p = v;
}

static ALWAYS_INLINE vec vec_splat(float x)
{
    return x - (vec){0};
}

/* Calls an ALWAYS_INLINE function with a constant number of rows, of 1 to ROWS_MAX. */
#define ROWS_CASE(n, function, ...) \
    case n:                         \
        function(__VA_ARGS__, n);   \
        break;
#define ROWS_UP_TO_6(function, ...)     \
    ROWS_CASE(1, function, __VA_ARGS__) \
    ROWS_CASE(2, function, __VA_ARGS__) \
    ROWS_CASE(3, function, __VA_ARGS__) \
    ROWS_CASE(4, function, __VA_ARGS__) \
    ROWS_CASE(5, function, __VA_ARGS__) \
    ROWS_CASE(6, function, __VA_ARGS__)
#if defined __AVX512F__
#define ROWS_SWITCH(rows, function, ...)     \
    switch (rows) {                          \
        ROWS_UP_TO_6(function, __VA_ARGS__)  \
        ROWS_CASE(7, function, __VA_ARGS__)  \
        ROWS_CASE(8, function, __VA_ARGS__)  \
        ROWS_CASE(9, function, __VA_ARGS__)  \
        ROWS_CASE(10, function, __VA_ARGS__) \
        ROWS_CASE(11, function, __VA_ARGS__) \
        ROWS_CASE(12, function, __VA_ARGS__) \
    }
#else
#define ROWS_SWITCH(rows, function, ...)    \
    switch (rows) {                         \
        ROWS_UP_TO_6(function, __VA_ARGS__) \
    }
#endif

/*
 * The inner loop of everything: sums[i][p] += a[i][at + k] * b[p][k] for k in [0, run), where a
 * has `rows` rows of scalars and b is `panels` panels of PLAN_PANEL weights for each k, of which
 * WIDTH are read, b_panel floats apart. `rows` and `panels` are constants wherever this is called,
 * so that the sums live in registers.
 */
static ALWAYS_INLINE void multiply_add(vec *sums, size_t rows, size_t panels, const float *const *a,
                                       size_t at, const float *b, size_t b_panel, size_t run)
{
    for (size_t k = 0; k < run; k++, b += PLAN_PANEL)
#pragma GCC unroll 4
        for (size_t p = 0; p < panels; p++) {
            vec w[VECS];
#pragma GCC unroll 4
            for (size_t v = 0; v < VECS; v++)
                w[v] = vec_load(b + p * b_panel + v * LANES);
#pragma GCC unroll 12
            for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
                for (size_t v = 0; v < VECS; v++)
                    sums[(i * panels + p) * VECS + v] += a[i][at + k] * w[v];
        }
}

#endif

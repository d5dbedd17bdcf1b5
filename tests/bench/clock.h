/*
 * The clock of these measurements: the processor time of this process. It stands still while other
 * processes have the processor, and runs twice as fast while two threads of this one do, so that
 * nobody gains by a hidden thread.
 */
#ifndef DIGIT_BENCH_CLOCK_H
#define DIGIT_BENCH_CLOCK_H

#include <time.h>

static inline double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif

/*
 * How many processor cores there are to compute on.
 */
#ifndef DIGIT_CORES_H
#define DIGIT_CORES_H

#include <stddef.h>

/* Physical cores that this process may use: two threads of one core count once, as arithmetic gains
 * nothing from the second. At least 1. Any thread. */
size_t cores_physical(void);

#endif

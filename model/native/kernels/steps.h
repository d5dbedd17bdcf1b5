/* The kernels of one instruction set, before they are put into its table. */
#ifndef DIGIT_NATIVE_STEPS_H
#define DIGIT_NATIVE_STEPS_H

#include "model/native/kernels.h"
#include "model/native/kernels/simd.h"

step_run KERNEL(conv), KERNEL(conv_pool), KERNEL(winograd), KERNEL(pool), KERNEL(relu),
    KERNEL(linear);

#endif

/*
 * The engine in plain C: no library beneath it. How it works stands at the top of
 * native/engine_native.c.
 */
#ifndef DIGIT_ENGINE_NATIVE_H
#define DIGIT_ENGINE_NATIVE_H

#include "model/engine.h"

extern const struct engine_type engine_native;

/* Lends the name of the index-th instruction set that this processor runs ("avx2"), the fastest
 * first; NULL past the last one. Any thread. */
const char *engine_native_isa(size_t index);

#endif

/*
 * What is wrong with bytes that came.
 */
#ifndef DIGIT_HTTP_FAULT_H
#define DIGIT_HTTP_FAULT_H

#include "model/error.h"

/* Code ERROR_NONE: nothing. The text is a constant. */
struct fault {
    enum error_code code;
    const char *text;
};

/* Always false, so that a failing function reads `return fault_set(...)`; inline, so that whoever
 * analyses a caller knows it. */
static inline bool fault_set(struct fault *fault, enum error_code code, const char *text)
{
    *fault = (struct fault){code, text};
    return false;
}

#endif

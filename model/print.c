#include "model/print.h"

#include <stdarg.h>
#include <stdio.h>

bool print_fits(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(out, size, format, args);
    va_end(args);
    return (size_t)len < size; /* a failure is negative: the largest of lengths */
}

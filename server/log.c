/*
 * The log. Any thread: a line is one write, so lines do not mix.
 */
#include "server/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void log_line(const char *format, ...)
{
    char line[512] = "digitd: ";
    const size_t head = sizeof "digitd: " - 1;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(line + head, sizeof line - head - 1, format, args);
    va_end(args);
    if (wanted < 0)
        return;
    size_t len = head + (size_t)wanted;
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    line[len] = '\n';
    ssize_t written = write(STDERR_FILENO, line, len + 1);
    (void)written;
}

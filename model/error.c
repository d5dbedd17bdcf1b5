/*
 * The table of errors. Any thread; no state.
 */
#include "model/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

struct error_row {
    int status;
    const char *name;
    const char *title;
};

static const struct error_row rows[ERROR_CODES] = {
#define X(code, status, name, title) [ERROR_##code] = {status, name, title},
    ERROR_TABLE(X)
#undef X
};

static const struct error_row *row_of(enum error_code code)
{
    assert(code > ERROR_NONE && code < ERROR_CODES);
    return &rows[code];
}

bool(error_set)(struct error *err, enum error_code code, const char *format, ...)
{
    if (err->code != ERROR_NONE)
        return false;
    err->code = code;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    for (char *c = err->text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return false;
}

int error_status(enum error_code code)
{
    return row_of(code)->status;
}

const char *error_name(enum error_code code)
{
    return row_of(code)->name;
}

const char *error_title(enum error_code code)
{
    return row_of(code)->title;
}

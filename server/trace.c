/*
 * Trace Context and request ids. Any thread; no state.
 */
#include "server/trace.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Sampled, and a random id; others must not be passed on. */
enum { KNOWN_FLAGS = 3 };

/* Takes `len` lower-case hexadecimal digits and moves on. */
static bool take(char *out, const char **at, size_t len)
{
    if (strspn(*at, "0123456789abcdef") < len)
        return false;
    memcpy(out, *at, len);
    out[len] = '\0';
    *at += len;
    return true;
}

static bool take_dash(const char **at)
{
    return *(*at)++ == '-';
}

static bool is_zero(const char *digits)
{
    return digits[strspn(digits, "0")] == '\0';
}

/* A later version may say more behind what this one says. */
static bool parse(struct trace *t, const char *at)
{
    char version[3];
    return take(version, &at, 2) && strcmp(version, "ff") != 0 && take_dash(&at) &&
           take(t->id, &at, TRACE_ID_LEN) && !is_zero(t->id) && take_dash(&at) &&
           take(t->span, &at, TRACE_SPAN_LEN) && !is_zero(t->span) && take_dash(&at) &&
           take(t->flags, &at, 2) && (*at == '\0' || (*at == '-' && strcmp(version, "00") != 0));
}

bool trace_read(struct trace *out, const char *value)
{
    if (parse(out, value))
        return true;
    *out = (struct trace){0};
    return false;
}

void trace_write(char out[TRACE_PARENT_SIZE], const struct trace *t)
{
    const unsigned flags = (unsigned)strtoul(t->flags, NULL, 16) & KNOWN_FLAGS;
    (void)snprintf(out, TRACE_PARENT_SIZE, "00-%s-%s-%02x", t->id, t->span, flags);
}

void trace_new_span(char out[TRACE_SPAN_SIZE])
{
    uint64_t number = 0;
    while (getrandom(&number, sizeof number, 0) != sizeof number || number == 0)
        ;
    (void)snprintf(out, TRACE_SPAN_SIZE, "%016" PRIx64, number);
}

bool trace_takes_request_id(const char *value)
{
    size_t len = 0;
    while (value[len] > ' ' && value[len] <= '~')
        len++;
    return value[len] == '\0' && len > 0 && len <= TRACE_REQUEST_ID_MAX;
}

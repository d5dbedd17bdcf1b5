/*
 * Decimals read. Any thread; no state. Knows nothing of JSON documents.
 *
 * Up to 19 digits are gathered as an integer, which is scaled by a power of ten once. Both steps
 * round a double, so the result is off by a few units in its last place at most: far less than the
 * step between two floats, for which it is meant. A number of at most 15 digits and a small
 * exponent is exact (William D. Clinger, "How to Read Floating Point Numbers Accurately", 1990).
 */
#include "model/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    DIGITS_MAX = 19,
    EXPONENT_MAX = 1 << 20, /* beyond any double, and far from where an int ends */
    POWER_MAX = 22,         /* of ten that a double holds exactly */
};

static const double powers[POWER_MAX + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

struct scan {
    const char *at;
    const char *end;
    uint64_t digits;
    int count;    /* of significant ones in `digits` */
    int exponent; /* of ten */
};

static bool is_digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* Takes at least one digit. Those behind the point lower the exponent; those that are not kept
 * raise it. */
static bool take_digits(struct scan *s, bool fraction)
{
    if (!is_digit(s))
        return false;
    for (; is_digit(s); s->at++) {
        const bool kept = s->count < DIGITS_MAX;
        if (kept) {
            s->digits = s->digits * 10 + (uint64_t)(*s->at - '0');
            s->count += s->digits > 0;
        }
        if (kept == fraction && s->exponent > -EXPONENT_MAX && s->exponent < EXPONENT_MAX)
            s->exponent += fraction ? -1 : 1;
    }
    return true;
}

static bool take_exponent(struct scan *s)
{
    const bool negative = take(s, '-');
    int exponent = 0;
    if (!negative)
        (void)take(s, '+');
    if (!is_digit(s))
        return false;
    for (; is_digit(s); s->at++)
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (*s->at - '0');
    s->exponent += negative ? -exponent : exponent;
    return true;
}

static double scaled(double value, int exponent)
{
    for (; exponent > POWER_MAX && isfinite(value) && value > 0; exponent -= POWER_MAX)
        value *= powers[POWER_MAX];
    for (; exponent < -POWER_MAX && value > 0; exponent += POWER_MAX)
        value /= powers[POWER_MAX];
    if (exponent < -POWER_MAX || exponent > POWER_MAX)
        return value;
    return exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
}

size_t number_read(double *out, const char *text, size_t len)
{
    struct scan s = {.at = text, .end = text + len};
    const bool negative = take(&s, '-');
    if (take(&s, '0') ? is_digit(&s) : !take_digits(&s, false))
        return 0;
    if (take(&s, '.') && !take_digits(&s, true))
        return 0;
    if ((take(&s, 'e') || take(&s, 'E')) && !take_exponent(&s))
        return 0;
    const double value = scaled((double)s.digits, s.exponent);
    *out = negative ? -value : value;
    return (size_t)(s.at - text);
}

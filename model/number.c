/*
 * Shortest decimals, by the Schubfach algorithm (Raffaele Giulietti, "The Schubfach way to render
 * doubles", 2020) in the size for binary32. Any thread; no state. Knows nothing of JSON documents.
 *
 * A float stands for every real number between its two neighbours' midpoints. Of the decimals with
 * the largest exponent k that leaves at least one in that interval, the closest is wanted. All
 * three points (lower end, value, upper end), times 4, are brought to that exponent with one
 * 64-bit power of ten; what falls off is kept as a sticky lowest bit, and the paper proves that
 * this is enough to compare.
 */
#include "model/number.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    FRACTION_BITS = 23,
    EXPONENT_BIAS = 127 + FRACTION_BITS,
    POWER_MIN = -31,
    POWER_MAX = 45,
    /* ECMAScript's limits between 123000 and 1.23e+5. */
    PLAIN_MIN = -6,
    PLAIN_MAX = 21,
};

/* floor(10^e / 2^r) + 1 for e from POWER_MIN to POWER_MAX, where r leaves exactly 64 bits. */
static const uint64_t powers[POWER_MAX - POWER_MIN + 1] = {
    0x81ceb32c4b43fcf5, 0xa2425ff75e14fc32, 0xcad2f7f5359a3b3f, 0xfd87b5f28300ca0e,
    0x9e74d1b791e07e49, 0xc612062576589ddb, 0xf79687aed3eec552, 0x9abe14cd44753b53,
    0xc16d9a0095928a28, 0xf1c90080baf72cb2, 0x971da05074da7bef, 0xbce5086492111aeb,
    0xec1e4a7db69561a6, 0x9392ee8e921d5d08, 0xb877aa3236a4b44a, 0xe69594bec44de15c,
    0x901d7cf73ab0acda, 0xb424dc35095cd810, 0xe12e13424bb40e14, 0x8cbccc096f5088cc,
    0xafebff0bcb24aaff, 0xdbe6fecebdedd5bf, 0x89705f4136b4a598, 0xabcc77118461cefd,
    0xd6bf94d5e57a42bd, 0x8637bd05af6c69b6, 0xa7c5ac471b478424, 0xd1b71758e219652c,
    0x83126e978d4fdf3c, 0xa3d70a3d70a3d70b, 0xcccccccccccccccd, 0x8000000000000001,
    0xa000000000000001, 0xc800000000000001, 0xfa00000000000001, 0x9c40000000000001,
    0xc350000000000001, 0xf424000000000001, 0x9896800000000001, 0xbebc200000000001,
    0xee6b280000000001, 0x9502f90000000001, 0xba43b74000000001, 0xe8d4a51000000001,
    0x9184e72a00000001, 0xb5e620f480000001, 0xe35fa931a0000001, 0x8e1bc9bf04000001,
    0xb1a2bc2ec5000001, 0xde0b6b3a76400001, 0x8ac7230489e80001, 0xad78ebc5ac620001,
    0xd8d726b7177a8001, 0x878678326eac9001, 0xa968163f0a57b401, 0xd3c21bcecceda101,
    0x84595161401484a1, 0xa56fa5b99019a5c9, 0xcecb8f27f4200f3b, 0x813f3978f8940985,
    0xa18f07d736b90be6, 0xc9f2c9cd04674edf, 0xfc6f7c4045812297, 0x9dc5ada82b70b59e,
    0xc5371912364ce306, 0xf684df56c3e01bc7, 0x9a130b963a6c115d, 0xc097ce7bc90715b4,
    0xf0bdc21abb48db21, 0x96769950b50d88f5, 0xbc143fa4e250eb32, 0xeb194f8e1ae525fe,
    0x92efd1b8d0cf37bf, 0xb7abc627050305ae, 0xe596b7b0c643c71a, 0x8f7e32ce7bea5c70,
    0xb35dbf821ae4f38c,
};

struct decimal {
    uint32_t digits;
    int exponent; /* of ten */
};

/* Exact for every exponent that a float can lead to. */
static int floor_log2_power10(int e)
{
    return (e * 1741647) >> 19;
}

static int floor_log10_power2(int e)
{
    return (e * 1262611) >> 22;
}

static int floor_log10_three_quarters_power2(int e)
{
    return (e * 1262611 - 524031) >> 22;
}

/* The upper 32 bits of the 96-bit product, the lowest of them set when more than rounding noise
 * follows. */
static uint32_t round_to_odd(uint64_t power, uint32_t factor)
{
    uint64_t low = (power & UINT32_MAX) * factor;
    uint64_t high = (power >> 32) * factor + (low >> 32);
    return (uint32_t)(high >> 32) | ((uint32_t)high > 1);
}

/* For a positive, finite float: value = significand x 2^exponent. */
static struct decimal shortest(uint32_t significand, int exponent, bool lower_is_closer)
{
    uint32_t odd = significand & 1;
    uint32_t point = 4 * significand;
    int k = lower_is_closer ? floor_log10_three_quarters_power2(exponent)
                            : floor_log10_power2(exponent);
    int shift = exponent + floor_log2_power10(-k) + 1;
    uint64_t power = powers[-k - POWER_MIN];
    uint32_t value = round_to_odd(power, point << shift);
    /* An odd significand's interval is open: a midpoint would be read back as its neighbour. */
    uint32_t lower = round_to_odd(power, (point - (lower_is_closer ? 1 : 2)) << shift) + odd;
    uint32_t upper = round_to_odd(power, (point + 2) << shift) - odd;

    uint32_t digits = value / 4;
    uint32_t tens = digits / 10;
    if (tens > 0) {
        bool below = lower <= 40 * tens;
        bool above = 40 * tens + 40 <= upper;
        if (below != above)
            return (struct decimal){tens + above, k + 1};
    }
    bool below = lower <= 4 * digits;
    bool above = 4 * digits + 4 <= upper;
    if (below != above)
        return (struct decimal){digits + above, k};
    uint32_t middle = 4 * digits + 2;
    bool up = value > middle || (value == middle && (digits & 1) != 0);
    return (struct decimal){digits + up, k};
}

static struct decimal decimal_of(uint32_t bits)
{
    uint32_t fraction = bits & ((1u << FRACTION_BITS) - 1);
    int biased = (int)(bits >> FRACTION_BITS) & 0xff;
    struct decimal d = biased == 0 ? shortest(fraction, 1 - EXPONENT_BIAS, false)
                                   : shortest(fraction | 1u << FRACTION_BITS,
                                              biased - EXPONENT_BIAS, fraction == 0 && biased > 1);
    for (; d.digits % 10 == 0; d.exponent++)
        d.digits /= 10;
    return d;
}

/* Writes the digits and returns how many. */
static int write_digits(char *out, uint32_t digits)
{
    char reversed[10];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + digits % 10);
        digits /= 10;
    } while (digits > 0);
    for (int i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    return count;
}

static char *write_zeros(char *out, int count)
{
    memset(out, '0', (size_t)count);
    return out + count;
}

/* 1.23e-7, 1e+21 */
static char *lay_out_scientific(char *out, const char *digits, int count, int exponent)
{
    *out++ = digits[0];
    if (count > 1) {
        *out++ = '.';
        memcpy(out, digits + 1, (size_t)count - 1);
        out += count - 1;
    }
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    return out + write_digits(out, (uint32_t)(exponent < 0 ? -exponent : exponent));
}

/* `point` is where the decimal point stands, counted from before the first digit. */
static char *lay_out(char *out, const char *digits, int count, int point)
{
    if (point <= PLAIN_MIN || point > PLAIN_MAX)
        return lay_out_scientific(out, digits, count, point - 1);
    if (point <= 0) {
        memcpy(out, "0.", 2);
        out = write_zeros(out + 2, -point);
        memcpy(out, digits, (size_t)count);
        return out + count;
    }
    if (point >= count) {
        memcpy(out, digits, (size_t)count);
        return write_zeros(out + count, point - count);
    }
    memcpy(out, digits, (size_t)point);
    out[point] = '.';
    memcpy(out + point + 1, digits + point, (size_t)(count - point));
    return out + count + 1;
}

size_t number_write(char out[NUMBER_SIZE], float value)
{
    assert(isfinite(value));
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    char *end = out;
    if (bits >> 31 != 0)
        *end++ = '-';
    bits &= INT32_MAX;
    if (bits == 0) {
        *end++ = '0';
        return (size_t)(end - out);
    }
    struct decimal d = decimal_of(bits);
    char digits[10];
    int count = write_digits(digits, d.digits);
    end = lay_out(end, digits, count, count + d.exponent);
    return (size_t)(end - out);
}

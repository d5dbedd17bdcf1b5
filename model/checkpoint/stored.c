/*
 * From a record's bytes to row-major floats. Any thread; no state. Every size comes from a file
 * that nobody trusts: stored_check is where it is shown that no index leaves the record.
 */
#include "model/checkpoint/stored.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static uint64_t little_endian(const uint8_t *from, size_t len)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < len; i++)
        bits |= (uint64_t)from[i] << (8 * i);
    return bits;
}

static float float_of_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static float load_float32(const uint8_t *from)
{
    return float_of_bits((uint32_t)little_endian(from, 4));
}

static float load_bfloat16(const uint8_t *from)
{
    return float_of_bits((uint32_t)little_endian(from, 2) << 16);
}

/* IEEE 754 binary16: 1 sign bit, 5 of the exponent with a bias of 15, 10 of the fraction. */
static float load_float16(const uint8_t *from)
{
    uint32_t bits = (uint32_t)little_endian(from, 2);
    uint32_t sign = (bits & 0x8000) << 16;
    uint32_t exponent = bits >> 10 & 0x1f;
    uint32_t fraction = bits & 0x3ff;
    if (exponent == 0)
        return copysignf((float)fraction * 0x1p-24f, float_of_bits(sign));
    if (exponent == 0x1f)
        return float_of_bits(sign | 0x7f800000 | fraction << 13);
    return float_of_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

static float load_float64(const uint8_t *from)
{
    uint64_t bits = little_endian(from, 8);
    double d;
    memcpy(&d, &bits, sizeof d);
    return (float)d;
}

static const struct element {
    size_t size;
    float (*load)(const uint8_t *from);
} elements[STORED_ELEMENTS] = {
    [STORED_FLOAT32] = {4, load_float32},
    [STORED_FLOAT16] = {2, load_float16},
    [STORED_BFLOAT16] = {2, load_bfloat16},
    [STORED_FLOAT64] = {8, load_float64},
};

bool stored_check(struct stored *s, struct error *err)
{
    size_t last = s->offset;
    s->count = 1;
    for (size_t d = 0; d < s->rank; d++) {
        size_t span;
        if (s->shape[d] == 0)
            return error_set(err, ERROR_BAD_MODEL, "its tensor '%s' is empty", s->name);
        if (__builtin_mul_overflow(s->count, s->shape[d], &s->count) ||
            __builtin_mul_overflow(s->shape[d] - 1, s->strides[d], &span) ||
            __builtin_add_overflow(last, span, &last))
            return error_set(err, ERROR_BAD_MODEL, "its tensor '%s' is too large", s->name);
    }
    if (last >= s->record_count)
        return error_set(err, ERROR_BAD_MODEL,
                         "its tensor '%s' reaches beyond its record %s, which has %zu elements",
                         s->name, s->record, s->record_count);
    return true;
}

bool stored_gather(float *out, const struct stored *s, const uint8_t *record, size_t len,
                   struct error *err)
{
    const struct element *e = &elements[s->element];
    size_t want;
    if (__builtin_mul_overflow(s->record_count, e->size, &want) || want != len)
        return error_set(err, ERROR_BAD_MODEL,
                         "its record %s has %zu bytes; '%s' needs %zu elements of %zu bytes",
                         s->record, len, s->name, s->record_count, e->size);

    size_t index[CHECKPOINT_RANK_MAX] = {0};
    size_t at = s->offset;
    for (size_t i = 0; i < s->count; i++) {
        assert(at < s->record_count);
        out[i] = e->load(record + at * e->size);
        if (!isfinite(out[i]))
            return error_set(err, ERROR_BAD_MODEL,
                             "its tensor '%s' has a number that is not finite; its training failed",
                             s->name);
        for (size_t d = s->rank; d-- > 0;) {
            at += s->strides[d];
            if (++index[d] < s->shape[d])
                break;
            at -= s->strides[d] * s->shape[d];
            index[d] = 0;
        }
    }
    return true;
}

/*
 * The shuffle, ours, so that a seed means the same order with every C library and every libtorch.
 */
#include "train/learning/order.h"

void order_seed(struct order_random *r, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15;
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        r->s[i] = z ^ (z >> 31);
    }
}

static uint64_t rotated(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

uint64_t order_next(struct order_random *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotated(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotated(s[3], 45);
    return result;
}

/* Uniform in 0..bound-1: what would make some values more likely is thrown away. */
static uint64_t below(struct order_random *r, uint64_t bound)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t x = order_next(r);
    while (x >= limit)
        x = order_next(r);
    return x % bound;
}

void order_seed_for(struct order_random *r, uint64_t seed, uint64_t a, uint64_t b)
{
    order_seed(r, seed);
    order_seed(r, order_next(r) ^ a);
    order_seed(r, order_next(r) ^ b);
}

void order_shuffle(struct order_random *r, uint32_t *indices, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)below(r, i);
        uint32_t kept = indices[i - 1];
        indices[i - 1] = indices[j];
        indices[j] = kept;
    }
}

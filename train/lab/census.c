/*
 * Counting pictures and pixels. One thread; reads the set only.
 */
#include "train/lab/census.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void take_pixels(struct census *out, const size_t histogram[UINT8_MAX + 1], double total)
{
    double sum = 0, squares = 0;
    out->min = UINT8_MAX;
    for (size_t v = 0; v <= UINT8_MAX; v++) {
        double n = (double)histogram[v];
        if (n > 0) {
            out->min = v < out->min ? (uint8_t)v : out->min;
            out->max = (uint8_t)v;
        }
        sum += n * (double)v;
        squares += n * (double)v * (double)v;
    }
    out->mean = sum / total;
    out->deviation = sqrt(fmax(0, squares / total - out->mean * out->mean));
    out->blank = (double)histogram[0] / total;
}

void census_take(struct census *out, const struct mnist *set)
{
    static const struct census nothing;
    size_t histogram[UINT8_MAX + 1] = {0};
    uint32_t sums[DIGIT_CLASSES][DIGIT_PIXELS] = {0};
    *out = nothing;
    out->count = set->count;
    for (size_t i = 0; i < set->count; i++) {
        const uint8_t *pixels = set->pixels + i * DIGIT_PIXELS;
        uint32_t *sum = sums[set->labels[i]];
        out->classes[set->labels[i]]++;
        for (size_t j = 0; j < DIGIT_PIXELS; j++) {
            histogram[pixels[j]]++;
            sum[j] += pixels[j];
        }
    }
    take_pixels(out, histogram, (double)set->count * DIGIT_PIXELS);
    for (size_t c = 0; c < DIGIT_CLASSES; c++)
        for (size_t j = 0; out->classes[c] > 0 && j < DIGIT_PIXELS; j++)
            out->means[c][j] = (uint8_t)lround((double)sums[c][j] / (double)out->classes[c]);
}

/* A picture and where it is from. */
struct item {
    uint64_t hash;
    const uint8_t *pixels;
    bool second;
    uint8_t label;
};

/* FNV-1a (Fowler, Noll and Vo), over eight bytes at a time. Only spares comparing whole pictures:
 * those of equal hash are compared. */
static uint64_t hash_of(const uint8_t *pixels)
{
    uint64_t hash = 0xcbf29ce484222325, word;
    for (size_t i = 0; i < DIGIT_PIXELS; i += sizeof word) {
        memcpy(&word, pixels + i, sizeof word);
        hash = (hash ^ word) * 0x100000001b3;
        hash ^= hash >> 29;
    }
    return hash;
}

/* Equal pictures become neighbours, in the order in which they were. */
static int compare(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    int order = memcmp(a->pixels, b->pixels, DIGIT_PIXELS);
    if (order != 0)
        return order;
    if (a->second != b->second)
        return a->second ? 1 : -1;
    return a->pixels < b->pixels ? -1 : a->pixels > b->pixels;
}

static size_t fill(struct item *items, const struct mnist *set, bool second)
{
    for (size_t i = 0; i < set->count; i++) {
        const uint8_t *pixels = set->pixels + i * DIGIT_PIXELS;
        items[i] = (struct item){hash_of(pixels), pixels, second, set->labels[i]};
    }
    return set->count;
}

static void count_twins(struct census_duplicates *out, const struct item *items, size_t count)
{
    size_t group = 0; /* where the pictures like the current one begin */
    for (size_t i = 1; i < count; i++) {
        if (memcmp(items[group].pixels, items[i].pixels, DIGIT_PIXELS) != 0) {
            group = i;
            continue;
        }
        out->first += !items[i].second;
        out->second += items[i].second && items[i - 1].second;
        out->across += items[i].second && !items[group].second;
        out->other_label += items[i].label != items[group].label;
    }
}

bool census_find_duplicates(struct census_duplicates *out, const struct mnist *first,
                            const struct mnist *second, struct error *err)
{
    *out = (struct census_duplicates){0};
    size_t count = first->count + second->count;
    struct item *items = malloc(count * sizeof *items);
    if (items == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory to look for duplicates");
    (void)fill(items + fill(items, first, false), second, true);
    qsort(items, count, sizeof *items, compare);
    count_twins(out, items, count);
    free(items);
    return true;
}

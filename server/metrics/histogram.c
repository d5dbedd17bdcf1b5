/*
 * Histograms. The bounds are few and most values small, so the place of one is found by walking.
 */
#include "server/metrics/histogram.h"

#include <stdio.h>

enum { NAME_SIZE = 96 };

const struct histogram_scale histogram_durations = {
    .names = {"5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025",
              "0.05", "0.1", "0.25", "0.5", "1", "2.5", "10"},
    .bounds = {50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 25000000,
               50000000, 100000000, 250000000, 500000000, 1000000000, 2500000000, 10000000000},
    .seconds = true,
};

const struct histogram_scale histogram_images = {
    .names = {"1", "2", "3", "4", "6", "8", "12", "16", "24", "32", "48", "64", "128", "256",
              "1024", "4096"},
    .bounds = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256, 1024, 4096},
};

void counter_add(atomic_uint_fast64_t *counter, uint64_t value)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + value, memory_order_relaxed);
}

uint64_t counter_read(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void histogram_add(struct histogram *h, const struct histogram_scale *scale, uint64_t value)
{
    size_t i = 0;
    while (i < HISTOGRAM_BOUNDS && value > scale->bounds[i])
        i++;
    counter_add(&h->counts[i], 1);
    counter_add(&h->sum, value);
}

void histogram_sum(struct histogram *total, const struct histogram *h)
{
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
        counter_add(&total->counts[i], counter_read(&h->counts[i]));
    counter_add(&total->sum, counter_read(&h->sum));
}

uint64_t histogram_count(const struct histogram *h)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
        count += counter_read(&h->counts[i]);
    return count;
}

static void write_sum(struct text *t, const char *name, const struct exposition_label *labels,
                      const struct histogram *h, const struct histogram_scale *scale)
{
    char sum[NAME_SIZE];
    (void)snprintf(sum, sizeof sum, "%s_sum", name);
    if (scale->seconds)
        exposition_seconds(t, sum, labels, counter_read(&h->sum));
    else
        exposition_integer(t, sum, labels, counter_read(&h->sum));
}

void histogram_write(struct text *t, const char *name, const struct exposition_label *label,
                     const struct histogram *h, const struct histogram_scale *scale)
{
    char sample[NAME_SIZE];
    struct exposition_label labels[3] = {{0}}, *le = labels;
    uint64_t count = 0;
    if (label != NULL)
        *le++ = *label;
    (void)snprintf(sample, sizeof sample, "%s_bucket", name);
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        count += counter_read(&h->counts[i]);
        *le = (struct exposition_label){"le", i < HISTOGRAM_BOUNDS ? scale->names[i] : "+Inf"};
        exposition_integer(t, sample, labels, count);
    }
    *le = (struct exposition_label){0};
    write_sum(t, name, labels, h, scale);
    (void)snprintf(sample, sizeof sample, "%s_count", name);
    exposition_integer(t, sample, labels, count);
}

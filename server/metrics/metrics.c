/*
 * The lanes, and their sums. A lane's thread counts; any thread writes the text.
 */
#include "server/metrics.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "server/metrics/exposition.h"
#include "server/metrics/histogram.h"

enum { CACHE_LINE = 64 };

/* Every status that the server answers with, the most common one first. The last stands for one
 * that is not among them, and for clients that went. */
static const struct {
    int status;
    const char *name;
} statuses[] = {
    {200, "200"}, {422, "422"}, {503, "503"}, {400, "400"}, {204, "204"}, {304, "304"},
    {308, "308"}, {401, "401"}, {403, "403"}, {404, "404"}, {405, "405"}, {409, "409"},
    {408, "408"}, {413, "413"}, {414, "414"}, {415, "415"}, {417, "417"}, {431, "431"},
    {500, "500"}, {501, "501"}, {502, "502"}, {505, "505"}, {0, "0"},
};

enum { STATUSES = sizeof statuses / sizeof *statuses };

struct route_counters {
    atomic_uint_fast64_t statuses[STATUSES];
    atomic_uint_fast64_t request_bytes;
    atomic_uint_fast64_t response_bytes;
    struct histogram duration;
};

struct counters {
    alignas(CACHE_LINE) atomic_uint_fast64_t errors[ERROR_CODES];
    atomic_uint_fast64_t digits[DIGIT_CLASSES];
    struct histogram decode;
    struct histogram queue;
    struct histogram compute;
    struct histogram images;
    struct route_counters routes[];
};

struct metrics {
    metrics_route_name *names;
    size_t route_count;
    size_t lane_count;
    size_t lane_len;      /* bytes; whole cache lines */
    unsigned char *lanes; /* owned: a struct counters each */
};

static struct counters *lane_of(const struct metrics *m, size_t lane)
{
    return (struct counters *)(m->lanes + lane * m->lane_len);
}

bool metrics_open(struct metrics **out, size_t lanes, metrics_route_name *routes,
                  size_t route_count, struct error *err)
{
    const size_t len = sizeof(struct counters) + route_count * sizeof(struct route_counters);
    struct metrics *m = malloc(sizeof *m);
    if (m == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to count");
    *m = (struct metrics){.names = routes, .route_count = route_count, .lane_count = lanes};
    m->lane_len = (len + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    m->lanes = aligned_alloc(CACHE_LINE, lanes * m->lane_len);
    if (m->lanes == NULL) {
        free(m);
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory to count");
    }
    memset(m->lanes, 0, lanes * m->lane_len);
    *out = m;
    return true;
}

void metrics_close(struct metrics *m)
{
    if (m == NULL)
        return;
    free(m->lanes);
    free(m);
}

/* ---- counting ---- */

static size_t place_of(int status)
{
    size_t i = 0;
    while (i < STATUSES - 1 && statuses[i].status != status)
        i++;
    return i;
}

static void count_prediction(struct counters *c, const struct metrics_request *r)
{
    histogram_add(&c->decode, &histogram_durations, (uint64_t)r->decode_ns);
    histogram_add(&c->queue, &histogram_durations, (uint64_t)r->queue_ns);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        if (r->digits[i] > 0)
            counter_add(&c->digits[i], r->digits[i]);
}

void metrics_count_request(struct metrics *m, size_t lane, const struct metrics_request *r)
{
    struct counters *c = lane_of(m, lane);
    struct route_counters *route = &c->routes[r->route];
    counter_add(&route->statuses[place_of(r->status)], 1);
    counter_add(&route->request_bytes, r->request_len);
    counter_add(&route->response_bytes, r->response_len);
    histogram_add(&route->duration, &histogram_durations, (uint64_t)r->duration_ns);
    if (r->error != ERROR_NONE)
        counter_add(&c->errors[r->error], 1);
    if (r->digits != NULL)
        count_prediction(c, r);
}

void metrics_count_batch(struct metrics *m, size_t lane, size_t images, int64_t compute_ns)
{
    struct counters *c = lane_of(m, lane);
    histogram_add(&c->images, &histogram_images, images);
    histogram_add(&c->compute, &histogram_durations, (uint64_t)compute_ns);
}

/* ---- writing ---- */

/* The sum of a counter, or of a histogram, that lies `offset` bytes into each lane. */
static uint64_t total(const struct metrics *m, const void *in_first_lane)
{
    const size_t offset = (size_t)((const unsigned char *)in_first_lane - m->lanes);
    uint64_t sum = 0;
    for (size_t i = 0; i < m->lane_count; i++)
        sum += counter_read((const void *)(m->lanes + i * m->lane_len + offset));
    return sum;
}

static struct histogram total_histogram(const struct metrics *m, const void *in_first_lane)
{
    const size_t offset = (size_t)((const unsigned char *)in_first_lane - m->lanes);
    struct histogram sum = {0};
    for (size_t i = 0; i < m->lane_count; i++)
        histogram_sum(&sum, (const void *)(m->lanes + i * m->lane_len + offset));
    return sum;
}

static void write_histogram(const struct metrics *m, struct text *t, const char *name,
                            const char *help, const struct histogram *in_first_lane,
                            const struct histogram_scale *scale)
{
    const struct histogram sum = total_histogram(m, in_first_lane);
    exposition_family(t, name, "histogram", help);
    histogram_write(t, name, NULL, &sum, scale);
}

/* A route that nobody asked for has only a zero, so that there is something to compare with. */
static void write_requests(const struct metrics *m, struct text *t)
{
    static const char name[] = "digitd_http_requests_total";
    const struct counters *first = lane_of(m, 0);
    exposition_family(t, name, "counter",
                      "Requests that have ended, by route and status; status 0: the client went "
                      "before it had its answer.");
    for (size_t r = 0; r < m->route_count; r++)
        for (size_t s = 0; s < STATUSES; s++) {
            const uint64_t count = total(m, &first->routes[r].statuses[s]);
            if (count > 0 || s == 0)
                exposition_integer(t, name,
                                   (struct exposition_label[]){{"route", m->names(r)},
                                                               {"status", statuses[s].name},
                                                               {NULL, NULL}},
                                   count);
        }
}

static void write_durations(const struct metrics *m, struct text *t)
{
    static const char name[] = "digitd_http_request_duration_seconds";
    exposition_family(t, name, "histogram",
                      "From a request's header fields to the last byte of its answer.");
    for (size_t r = 0; r < m->route_count; r++) {
        const struct histogram sum = total_histogram(m, &lane_of(m, 0)->routes[r].duration);
        if (histogram_count(&sum) > 0)
            histogram_write(t, name, &(struct exposition_label){"route", m->names(r)}, &sum,
                            &histogram_durations);
    }
}

static void write_bytes(const struct metrics *m, struct text *t)
{
    uint64_t received = 0, sent = 0;
    for (size_t r = 0; r < m->route_count; r++) {
        received += total(m, &lane_of(m, 0)->routes[r].request_bytes);
        sent += total(m, &lane_of(m, 0)->routes[r].response_bytes);
    }
    exposition_single(t, "digitd_http_request_body_bytes_total", "counter",
                      "Bytes of the bodies of requests.", received);
    exposition_single(t, "digitd_http_response_body_bytes_total", "counter",
                      "Bytes of the bodies of answers.", sent);
}

static void write_errors(const struct metrics *m, struct text *t)
{
    static const char name[] = "digitd_errors_total";
    exposition_family(t, name, "counter",
                      "Requests answered with an error, by its type (see /problems).");
    for (size_t code = ERROR_NONE + 1; code < ERROR_CODES; code++)
        exposition_integer(
            t, name,
            (struct exposition_label[]){{"type", error_name((enum error_code)code)}, {NULL, NULL}},
            total(m, &lane_of(m, 0)->errors[code]));
}

static void write_digits(const struct metrics *m, struct text *t)
{
    static const char name[] = "digitd_predictions_total";
    exposition_family(t, name, "counter", "Pictures recognised, by the digit that was seen.");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        const char digit[] = {(char)('0' + i), '\0'};
        exposition_integer(t, name, (struct exposition_label[]){{"digit", digit}, {NULL, NULL}},
                           total(m, &lane_of(m, 0)->digits[i]));
    }
}

void metrics_write(const struct metrics *m, struct text *t)
{
    const struct counters *first = lane_of(m, 0);
    write_requests(m, t);
    write_durations(m, t);
    write_bytes(m, t);
    write_errors(m, t);
    write_digits(m, t);
    write_histogram(m, t, "digitd_decode_duration_seconds",
                    "From a request's body to pixels: JSON, base64, picture.", &first->decode,
                    &histogram_durations);
    write_histogram(m, t, "digitd_queue_duration_seconds",
                    "What a request's pictures waited for their turn and their batch.", &first->queue,
                    &histogram_durations);
    write_histogram(m, t, "digitd_compute_duration_seconds", "Computing a batch.", &first->compute,
                    &histogram_durations);
    write_histogram(m, t, "digitd_batch_images", "Pictures in a batch.", &first->images,
                    &histogram_images);
}

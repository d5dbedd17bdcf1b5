/*
 * What is counted, and the text in which Prometheus reads it.
 *
 * Counters stand in lanes. A lane belongs to one thread, which alone writes it, to memory that no
 * other thread writes: counting costs a plain addition, no lock and no cache line that travels. A
 * scrape reads all lanes while they are written and adds them up, so that two figures of one scrape
 * may be a request apart.
 */
#ifndef DIGIT_METRICS_H
#define DIGIT_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "model/digit.h"
#include "model/error.h"
#include "server/text.h"

struct metrics;

/* One request, once it has ended. */
struct metrics_request {
    size_t route;          /* below `routes` */
    int status;            /* 0: the client went */
    enum error_code error; /* ERROR_NONE: none */
    size_t request_len;    /* bytes, of the bodies */
    size_t response_len;
    int64_t duration_ns;
    int64_t decode_ns;      /* these two where there was a prediction: making its job, */
    int64_t queue_ns;       /* and waiting for its turn and its batch */
    const uint16_t *digits; /* of each digit, how many were recognised; NULL: none */
};

/* What the label `route` says of one; a constant. */
typedef const char *metrics_route_name(size_t route);

bool metrics_open(struct metrics **out, size_t lanes, metrics_route_name *routes,
                  size_t route_count, struct error *err) MUST_CHECK;

/* On the lane's thread. */
void metrics_count_request(struct metrics *m, size_t lane, const struct metrics_request *r);
void metrics_count_batch(struct metrics *m, size_t lane, size_t images, int64_t compute_ns);

/* Appends what was counted, in Prometheus's text format 0.0.4. Any thread. */
void metrics_write(const struct metrics *m, struct text *t);

/* Accepts NULL. */
void metrics_close(struct metrics *m);

#endif

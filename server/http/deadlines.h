/*
 * How long a client may take. A loop looks at its connections from time to time:
 *
 * - a head must be whole `header_seconds` after its first byte, and a connection's first byte must
 *   come in that time;
 * - a body must come, and a reply must be taken, at `rate_min` bytes a second or faster, measured
 * over RATE_SECONDS; a smaller one in that time;
 * - a request must have its whole reply `request_seconds` after its head, whatever its size.
 *
 * Who is too slow with a request is told so (408), where that can be; who is too slow to take a
 * reply is cut off. What waits for us has the jobs' own deadlines.
 */
#ifndef DIGIT_HTTP_DEADLINES_H
#define DIGIT_HTTP_DEADLINES_H

#include <stdint.h>

struct loop;

enum {
    DEADLINES_LOOK_MS = 500, /* how often connections are looked at; they may take as much longer */
    DEADLINES_RATE_SECONDS = 5,
};

/* Looks at all connections of a loop. On its thread. */
void deadlines_check(struct loop *loop, int64_t now_ns);

#endif

/*
 * How much one turn of a loop takes on. Handlers that take long are to leave the others their
 * share: once those of a turn have taken PACE_TURN_MS, or are likely to with what they have left
 * for its end, further ones wait for the next turn. So do TLS handshakes, whose signatures take
 * as long as a picture. Belongs to the loop's thread.
 */
#ifndef DIGIT_HTTP_PACE_H
#define DIGIT_HTTP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_TURN_MS = 10 };

/* All zeros at first. Times are the monotonic clock's. */
struct pace {
    int64_t turn_ns;  /* when the turn began, */
    int64_t since_ns; /* and when its handlers did */
    size_t taken;     /* handlers that were called in this turn */
    size_t greeted;   /* reads for handshakes in this turn */
    int64_t cost_ns;  /* of one, with its share of all else; this and the next: smoothed */
    int64_t tail_ns;  /* the part of it that is left for the turn's end */
};

void pace_begin(struct pace *p, int64_t now_ns);

/* Whether another handler may be called in this turn. The first always may. */
bool pace_takes(struct pace *p, int64_t now_ns);

/* Whether another handshake may go on in this turn. The first always may. */
bool pace_greets(struct pace *p, int64_t now_ns);

/* The turn is over, whose end began at `tail_ns`. */
void pace_end(struct pace *p, int64_t tail_ns, int64_t now_ns);

#endif

/*
 * The two ways to batch, behind one interface.
 *
 * DESIGN. Without workers a batch is what one turn of an HTTP loop has brought, and the loop itself
 * computes it: no job waits for a timer, no lock is taken, no thread is woken, an idle server
 * answers a lone request at once, and a busy one forms larger batches by itself, since more
 * requests arrive while a larger batch is computed. Its price is that a loop does not read while it
 * computes. That is the better way for the native engine, which takes tens of microseconds an
 * image: a hand-off to another thread and back costs as much. On two cores it answered 1.35 times
 * as many requests at one connection as two workers did, 1.2 to 1.3 times at 8 and 64, as many at
 * 512.
 *
 * With workers the loops only read and write, and a batch can hold what several loops brought, or
 * what came within `delay_us`. That is for engines that are slow or that gain much from batches (a
 * GPU), and for more loops than processors that compute: libtorch answered 1.4 times as many
 * requests at 64 connections with two workers as without.
 *
 * Jobs are computed in the order in which they came. Knows neither HTTP nor engines.
 */
#include "server/batcher.h"

#include <stdlib.h>

#include "server/batcher/batch.h"
#include "server/batcher/queue.h"

struct lane {
    struct batch_list waiting;
    struct batch_room room;
};

struct batcher {
    struct batcher_options options;
    struct batch_queue *queue; /* NULL without workers */
    size_t lane_count;         /* open ones; none with workers */
    struct lane lanes[];
};

static bool open_lanes(struct batcher *b, struct error *err)
{
    for (; b->lane_count < b->options.lanes; b->lane_count++) {
        batch_list_clear(&b->lanes[b->lane_count].waiting);
        if (!batch_room_open(&b->lanes[b->lane_count].room, &b->options, b->lane_count, err))
            return false;
    }
    return true;
}

bool batcher_start(struct batcher **out, const struct batcher_options *options, struct error *err)
{
    struct batcher *b = calloc(1, sizeof *b + options->lanes * sizeof b->lanes[0]);
    if (b == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for batches");
    b->options = *options;
    if (!(options->workers > 0 ? batch_queue_start(&b->queue, &b->options, err)
                               : open_lanes(b, err))) {
        batcher_stop(b);
        return false;
    }
    *out = b;
    return true;
}

bool batcher_is_deferred(const struct batcher *b)
{
    return b->queue != NULL;
}

bool batcher_submit(struct batcher *b, size_t lane, struct batch_job *job, struct error *err)
{
    job->submitted_ns = batcher_now_ns();
    if (b->queue != NULL)
        return batch_queue_add(b->queue, job, err);
    return batch_list_add(&b->lanes[lane].waiting, job, b->options.queue_max, err);
}

bool batcher_has_room(const struct batcher *b, size_t lane, struct error *err)
{
    return b->queue != NULL
               ? batch_queue_has_room(b->queue, err)
               : batch_list_has_room(&b->lanes[lane].waiting, 1, b->options.queue_max, err);
}

void batcher_turn(struct batcher *b, size_t lane)
{
    if (b->queue != NULL)
        return;
    struct batch_list batch;
    while (b->lanes[lane].waiting.first != NULL) {
        batch_list_take(&batch, &b->lanes[lane].waiting, b->options.batch_max);
        batch_run(&b->lanes[lane].room, &batch);
    }
}

void batcher_stop(struct batcher *b)
{
    if (b == NULL)
        return;
    batch_queue_stop(b->queue);
    for (size_t i = 0; i < b->lane_count; i++)
        batch_room_close(&b->lanes[i].room);
    free(b);
}

/*
 * Streaming's lines on standard error. One thread; no state.
 */
#include "train/hadoop/reporter.h"

#include <inttypes.h>
#include <stdlib.h>

enum { STATUS_EVERY = 100000 };

bool reporter_listens(void)
{
    /* Streaming hands the task its configuration, each '.' of a name as '_'. */
    return getenv("mapreduce_task_id") != NULL;
}

void reporter_counter(FILE *log, const char *name, uint64_t by)
{
    if (by > 0)
        (void)fprintf(log, "reporter:counter:digit,%s,%" PRIu64 "\n", name, by);
}

void reporter_status(FILE *log, uint64_t before, uint64_t now)
{
    if (before / STATUS_EVERY != now / STATUS_EVERY)
        (void)fprintf(log, "reporter:status:%" PRIu64 " lines\n", now);
}

/*
 * Linux tells in /sys which processors share a core. No state.
 */
#include "train/learning/cores.h"

#include <sched.h>
#include <stdio.h>

/* The lowest of the processors that share this one's core ("0,4" or "0-1"); itself where that is
 * not told. */
static size_t first_of_core(size_t processor)
{
    char path[96];
    size_t first = processor;
    (void)snprintf(path, sizeof path,
                   "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", processor);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        /* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit */
        if (fscanf(file, "%zu", &first) != 1)
            first = processor;
        (void)fclose(file);
    }
    return first;
}

size_t cores_physical(void)
{
    cpu_set_t ours, cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof ours, &ours) != 0)
        return 1;
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &ours))
            CPU_SET(first_of_core(i), &cores);
    return CPU_COUNT(&cores) > 0 ? (size_t)CPU_COUNT(&cores) : 1;
}

/*
 * Figures from /proc (proc(5)) and getrlimit. Any thread; no state.
 */
#include "server/metrics/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "server/metrics/exposition.h"

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void write_seconds(struct text *t, const char *name, const char *type, const char *help,
                          uint64_t ns)
{
    exposition_family(t, name, type, help);
    exposition_seconds(t, name, NULL, ns);
}

static void write_descriptors(struct text *t)
{
    struct rlimit limit;
    DIR *folder = opendir("/proc/self/fd");
    if (folder != NULL) {
        uint64_t count = 0;
        for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder))
            count += e->d_name[0] != '.';
        closedir(folder);
        /* One of them was the folder. */
        exposition_single(t, "process_open_fds", "gauge", "Open file descriptors.", count - 1);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        exposition_single(t, "process_max_fds", "gauge", "The most that may be open.",
                          limit.rlim_cur);
}

/* Fields of /proc/self/stat are counted from 1; those that follow the program's name, which may
 * hold anything, are found from its last bracket. */
static void write_stat(struct text *t)
{
    char line[1024];
    uint64_t threads = 0, start = 0, virtual_len = 0, resident = 0;
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL)
        return;
    const char *after = fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL;
    (void)fclose(file);
    /* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit */
    if (after == NULL || sscanf(after + 1,
                                " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                                "%*s %*s %" SCNu64 " %*s %" SCNu64 " %" SCNu64 " %" SCNu64,
                                &threads, &start, &virtual_len, &resident) != 4)
        return;
    const uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
    const uint64_t booted = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
    write_seconds(t, "process_start_time_seconds", "gauge", "When it started, since the epoch.",
                  booted + start * (1000000000 / ticks));
    exposition_single(t, "process_virtual_memory_bytes", "gauge", "Address space in use.",
                      virtual_len);
    exposition_single(t, "process_resident_memory_bytes", "gauge", "Memory in use.",
                      resident * (uint64_t)sysconf(_SC_PAGESIZE));
    exposition_single(t, "process_threads", "gauge", "Threads.", threads);
}

void process_write(struct text *t)
{
    write_seconds(t, "process_cpu_seconds_total", "counter", "Processor time, of all threads.",
                  clock_ns(CLOCK_PROCESS_CPUTIME_ID));
    write_stat(t);
    write_descriptors(t);
}

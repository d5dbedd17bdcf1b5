/*
 * One thread. Knows nothing of how the figures came about.
 */
#include "train/learning/metrics_log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What an interrupted run wrote after it saved its state would be written twice. */
static bool cut_to(FILE *log, uint64_t keep)
{
    struct stat st;
    if (fstat(fileno(log), &st) != 0)
        return false;
    if (!S_ISREG(st.st_mode))
        return true;
    if ((uint64_t)st.st_size > keep && ftruncate(fileno(log), (off_t)keep) != 0)
        return false;
    return fseek(log, 0, SEEK_END) == 0;
}

bool metrics_log_open(FILE **out, const char *path, uint64_t keep, struct error *err)
{
    *out = NULL;
    if (*path == '\0')
        return true;
    FILE *log = fopen(path, "a");
    if (log != NULL && cut_to(log, keep)) {
        *out = log;
        return true;
    }
    int why = errno;
    if (log != NULL)
        (void)fclose(log);
    return error_set(err, ERROR_FILE, "the log '%s' cannot be written: %s", path, strerror(why));
}

bool metrics_log_add(FILE *log, const struct metrics_line *m, struct error *err)
{
    if (log == NULL)
        return true;
    (void)fprintf(log, "{\"epoch\": %zu, \"step\": %zu, \"loss\": %.9g, \"accuracy\": %.9g",
                  m->epoch, m->step, m->loss, m->accuracy);
    if (m->validated)
        (void)fprintf(log, ", \"validation_loss\": %.9g, \"validation_accuracy\": %.9g",
                      m->validation_loss, m->validation_accuracy);
    (void)fprintf(log,
                  ", \"learning_rate\": %.9g, \"images_per_second\": %.1f, \"seconds\": %.3f}\n",
                  m->learning_rate, m->images_per_second, m->seconds);
    if (fflush(log) == 0)
        return true;
    return error_set(err, ERROR_FILE, "the log cannot be written: %s", strerror(errno));
}

uint64_t metrics_log_len(FILE *log)
{
    struct stat st;
    return log != NULL && fstat(fileno(log), &st) == 0 ? (uint64_t)st.st_size : 0;
}

void metrics_log_close(FILE *log)
{
    if (log != NULL)
        (void)fclose(log);
}

/*
 * The child process that draws. Its arguments go through no shell; what it complains of becomes the
 * error's text. One thread waits for it. Knows nothing of what is drawn.
 */
#include "train/plot/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { COMPLAINT_SIZE = 160 };

/* stdin is empty, stdout and stderr go to `complaints`. */
static int spawn(pid_t *child, const char *folder, const char *script, int complaints)
{
    char *const words[] = {"gnuplot", "-d", (char *)script, NULL};
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    if ((code = posix_spawn_file_actions_addchdir_np(&actions, folder)) == 0 &&
        (code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
        (code = posix_spawn_file_actions_adddup2(&actions, complaints, 1)) == 0 &&
        (code = posix_spawn_file_actions_adddup2(&actions, complaints, 2)) == 0)
        code = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* Reads to the end, so that the child never waits for room, and keeps the beginning. */
static void read_complaints(char out[COMPLAINT_SIZE], int from)
{
    char rest[512];
    size_t used = 0;
    for (;;) {
        bool full = used == COMPLAINT_SIZE - 1;
        /* cppcheck-suppress legacyUninitvar; it is written to, and read by nobody */
        char *to = full ? rest : out + used;
        ssize_t got = read(from, to, full ? sizeof rest : COMPLAINT_SIZE - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if (!full)
            used += (size_t)got;
    }
    out[used] = '\0';
}

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool gnuplot_run(const char *folder, const char *script, struct error *err)
{
    char complaints[COMPLAINT_SIZE];
    int ends[2];
    pid_t child;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_FILE, "gnuplot cannot be started: %s", strerror(errno));
    int code = spawn(&child, folder, script, ends[1]);
    (void)close(ends[1]);
    if (code != 0) {
        (void)close(ends[0]);
        if (code == ENOENT)
            return error_set(err, ERROR_NOT_FOUND,
                             "gnuplot is not installed, and the pictures need it; install gnuplot"
                             " (Debian, Ubuntu: gnuplot-nox)");
        return error_set(err, ERROR_FILE, "gnuplot cannot be started: %s", strerror(code));
    }
    read_complaints(complaints, ends[0]);
    (void)close(ends[0]);
    if (wait_for(child) == 0)
        return true;
    return error_set(err, ERROR_FILE, "gnuplot cannot draw %s/%s: %s", folder, script,
                     complaints + strspn(complaints, "\r\n "));
}

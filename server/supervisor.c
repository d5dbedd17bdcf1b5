/*
 * systemd's protocols: variables in the environment, and datagrams. Runs in main.
 */
#include "server/supervisor.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_SOCKET = 3 };

/* ---- sockets ---- */

/* The variable's number; 0 where there is none. */
static unsigned long number_of(const char *variable)
{
    const char *value = getenv(variable);
    return value == NULL ? 0 : strtoul(value, NULL, 10);
}

static bool is_listening(int fd)
{
    int listens = 0;
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof listens, address_len = sizeof address;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens &&
           getsockname(fd, (struct sockaddr *)&address, &address_len) == 0 &&
           (address.ss_family == AF_INET || address.ss_family == AF_INET6);
}

/* Whether the index-th of the names, which have colons between them, is "admin". */
static bool is_admin(const char *names, unsigned long index)
{
    for (; names != NULL && index > 0; index--) {
        names = strchr(names, ':');
        names += names != NULL;
    }
    return names != NULL && strcspn(names, ":") == strlen("admin") &&
           strncmp(names, "admin", strlen("admin")) == 0;
}

static bool take_socket(struct supervisor_sockets *out, unsigned long index, const char *names,
                        struct error *err)
{
    const int fd = FIRST_SOCKET + (int)index;
    int *place = is_admin(names, index) ? &out->admin : &out->main;
    if (!is_listening(fd))
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "systemd passes a descriptor (%d) that is no listening TCP socket", fd);
    if (*place >= 0)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "systemd passes too many sockets; digitd takes one, and one that is "
                         "called 'admin'");
    *place = fd;
    return true;
}

bool supervisor_sockets(struct supervisor_sockets *out, struct error *err)
{
    *out = (struct supervisor_sockets){-1, -1};
    const unsigned long count = number_of("LISTEN_FDS");
    if (number_of("LISTEN_PID") != (unsigned long)getpid())
        return true;
    for (unsigned long i = 0; i < count; i++)
        if (!take_socket(out, i, getenv("LISTEN_FDNAMES"), err))
            return false;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return true;
}

/* ---- notices ---- */

static void say(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t len = path == NULL ? 0 : strlen(path);
    if (len < 2 || len >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') /* a name without a file */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    (void)sent;
    close(fd);
}

void supervisor_ready(void)
{
    say("READY=1");
}

void supervisor_reloading(void)
{
    char state[64];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                   (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    say(state);
}

void supervisor_stopping(void)
{
    say("STOPPING=1");
}

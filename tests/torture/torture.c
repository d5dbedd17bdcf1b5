/*
 * A library to preload: one call of the program fails. TORTURE is `memory` (allocations), `system`
 * (calls of the system) or `interrupt` (those of them that a signal interrupts: they fail with
 * EINTR), TORTURE_AT the number of the call, counted from main() on, so that the dynamic loader is
 * left alone, and so are the programs that this one starts. At the end the number of calls and of
 * blocks that are still allocated is written to the file TORTURE_COUNT.
 *
 * TORTURE_OWN is `memory` where only allocations fail that the program itself, a plug-in of its
 * own, jansson or libzip asks for, and none of other libraries'; `all` where that goes for calls of
 * the system, too. Interrupted are the program's own only: zlib, for one, does not go on.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind { NOTHING, MEMORY, SYSTEM, INTERRUPT, KINDS };

static int (*program)(int, char **, char **);

static atomic_bool begun;
static enum kind chosen;
static unsigned long long at;
static bool own[KINDS]; /* by kind */
static atomic_ullong count;
static atomic_llong blocks;

/* The allocator's own names: dlsym may allocate. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t items, size_t len);
void *__libc_realloc(void *old, size_t len);
void *__libc_memalign(size_t alignment, size_t len);
void __libc_free(void *p);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static char *plain_getenv(const char *name)
{
    extern char **environ;
    const size_t len = strlen(name);
    for (char **e = environ; e != NULL && *e != NULL; e++)
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
            return *e + len + 1;
    return NULL;
}

static void begin(void)
{
    unsetenv("LD_PRELOAD");
    const char *kind = plain_getenv("TORTURE"), *number = plain_getenv("TORTURE_AT");
    static const char *const names[] = {"", "memory", "system", "interrupt"};
    for (size_t i = 0; kind != NULL && i < KINDS; i++)
        chosen = strcmp(kind, names[i]) == 0 ? (enum kind)i : chosen;
    at = number != NULL ? strtoull(number, NULL, 10) : 0;
    const char *whose = plain_getenv("TORTURE_OWN");
    own[MEMORY] = whose != NULL;
    own[SYSTEM] = whose != NULL && strcmp(whose, "all") == 0;
    own[INTERRUPT] = true;
    atomic_store(&begun, true);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = plain_getenv("TORTURE_COUNT");
    const long long left = atomic_load(&blocks);
    atomic_store(&begun, false);
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file == NULL)
        return;
    fprintf(file, "%llu %lld\n", atomic_load(&count), left);
    fclose(file);
}

static bool look_up(void *caller)
{
    Dl_info asking, main_program;
    static const char *const others[] = {"/lib/digit/", "/libjansson.so", "/libzip.so"};
    if (dladdr(caller, &asking) == 0 || dladdr((void *)program, &main_program) == 0)
        return false;
    bool found = asking.dli_fbase == main_program.dli_fbase;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        found = found || strstr(asking.dli_fname, others[i]) != NULL;
    return found;
}

/* What was looked up is kept, a caller and in the lowest bit the answer: libtorch allocates a
 * million times while it is loaded. */
static bool is_own(void *caller)
{
    static _Atomic uintptr_t known[4096];
    const uintptr_t key = (uintptr_t)caller << 1;
    _Atomic uintptr_t *at_key = &known[(key >> 1) % (sizeof known / sizeof *known)];
    uintptr_t found = atomic_load(at_key);
    if ((found & ~(uintptr_t)1) != key) {
        found = key | look_up(caller);
        atomic_store(at_key, found);
    }
    return (found & 1) != 0;
}

static bool fails(enum kind kind, void *caller)
{
    return kind == chosen && atomic_load(&begun) && (!own[kind] || is_own(caller)) &&
           atomic_fetch_add(&count, 1) + 1 == at;
}

/* FAILS(kind, reason): inside of a function that stands before another, whether it is to fail. */
#define FAILS(kind, reason) (fails(kind, __builtin_return_address(0)) && ((errno = (reason)), true))
#define NO_MEMORY FAILS(MEMORY, ENOMEM)

static void *counted(void *p)
{
    if (p != NULL)
        atomic_fetch_add(&blocks, 1);
    return p;
}

void *malloc(size_t len)
{
    return NO_MEMORY ? NULL : counted(__libc_malloc(len));
}

void *calloc(size_t items, size_t len)
{
    return NO_MEMORY ? NULL : counted(__libc_calloc(items, len));
}

void *realloc(void *old, size_t len)
{
    if (NO_MEMORY)
        return NULL;
    return old == NULL ? counted(__libc_malloc(len)) : __libc_realloc(old, len);
}

void *aligned_alloc(size_t alignment, size_t len)
{
    return NO_MEMORY ? NULL : counted(__libc_memalign(alignment, len));
}

int posix_memalign(void **out, size_t alignment, size_t len)
{
    if (NO_MEMORY)
        return ENOMEM;
    *out = counted(__libc_memalign(alignment, len));
    return *out == NULL ? ENOMEM : 0;
}

void free(void *p)
{
    if (p == NULL)
        return;
    atomic_fetch_sub(&blocks, 1);
    __libc_free(p);
}

/* REAL(name): the function of that name that this one stands before. */
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static int tortured(int argc, char **argv, char **variables)
{
    begin();
    int status = program(argc, argv, variables);
    atomic_store(&begun, false);
    return status;
}

/* The C library's way to main(). */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    program = main;
    return REAL(__libc_start_main)(tortured, argc, argv, init, fini, rtld_fini, stack_end);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* WRAP(result, name, reason, failure, parameters, arguments) */
#define WRAP(type, name, reason, failure, parameters, arguments) \
    type name parameters                                         \
    {                                                            \
        if (FAILS(SYSTEM, reason))                               \
            return failure;                                      \
        return REAL(name) arguments;                             \
    }

/* ... and is interrupted. */
#define WRAP_SLOW(type, name, reason, failure, parameters, arguments) \
    type name parameters                                              \
    {                                                                 \
        if (FAILS(INTERRUPT, EINTR) || FAILS(SYSTEM, reason))         \
            return failure;                                           \
        return REAL(name) arguments;                                  \
    }

WRAP_SLOW(ssize_t, read, EIO, -1, (int fd, void *out, size_t len), (fd, out, len))
WRAP(ssize_t, pread, EIO, -1, (int fd, void *out, size_t len, off_t from), (fd, out, len, from))
WRAP(ssize_t, recvfrom, ECONNRESET, -1,
     (int fd, void *out, size_t len, int flags, struct sockaddr *from, socklen_t *from_len),
     (fd, out, len, flags, from, from_len))
WRAP(ssize_t, send, EPIPE, -1, (int fd, const void *bytes, size_t len, int flags),
     (fd, bytes, len, flags))
WRAP(ssize_t, sendmsg, ENOBUFS, -1, (int fd, const struct msghdr *message, int flags),
     (fd, message, flags))
WRAP(int, socket, EMFILE, -1, (int family, int type, int protocol), (family, type, protocol))
WRAP(int, bind, EACCES, -1, (int fd, const struct sockaddr *address, socklen_t len),
     (fd, address, len))
WRAP(int, listen, EADDRINUSE, -1, (int fd, int waiting), (fd, waiting))
WRAP_SLOW(int, accept4, EMFILE, -1, (int fd, struct sockaddr *address, socklen_t *len, int flags),
          (fd, address, len, flags))
WRAP(int, getsockname, ENOBUFS, -1, (int fd, struct sockaddr *address, socklen_t *len),
     (fd, address, len))
WRAP(int, getsockopt, ENOBUFS, -1, (int fd, int level, int name, void *value, socklen_t *len),
     (fd, level, name, value, len))
WRAP(int, setsockopt, ENOBUFS, -1, (int fd, int level, int name, const void *value, socklen_t len),
     (fd, level, name, value, len))
WRAP(int, epoll_create1, EMFILE, -1, (int flags), (flags))
WRAP(int, epoll_wait, EINTR, -1, (int fd, struct epoll_event *events, int max, int ms),
     (fd, events, max, ms))
WRAP(int, eventfd, EMFILE, -1, (unsigned value, int flags), (value, flags))
WRAP(int, fstat, EIO, -1, (int fd, struct stat *out), (fd, out))
WRAP(int, stat, EACCES, -1, (const char *path, struct stat *out), (path, out))
WRAP(FILE *, fopen, EMFILE, NULL, (const char *path, const char *mode), (path, mode))
WRAP(void *, mmap, ENOMEM, MAP_FAILED,
     (void *address, size_t len, int protection, int flags, int fd, off_t from),
     (address, len, protection, flags, fd, from))

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *context)
{
    if (FAILS(SYSTEM, EAGAIN))
        return EAGAIN;
    return REAL(pthread_create)(thread, attributes, run, context);
}

WRAP(int, fstatat, EACCES, -1, (int at_fd, const char *path, struct stat *out, int flags),
     (at_fd, path, out, flags))
WRAP(int, access, EACCES, -1, (const char *path, int mode), (path, mode))
WRAP(int, mkdir, EACCES, -1, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkstemp, EMFILE, -1, (char *path), (path))
/* cppcheck-suppress CastIntegerToAddressAtReturn; it does not know __typeof__ */
WRAP(char *, mkdtemp, EACCES, NULL, (char *path), (path))
WRAP(int, rename, EACCES, -1, (const char *from, const char *to), (from, to))
WRAP(int, fsync, EIO, -1, (int fd), (fd))
WRAP(int, ftruncate, EIO, -1, (int fd, off_t len), (fd, len))
WRAP(off_t, lseek, ESPIPE, -1, (int fd, off_t to, int from), (fd, to, from))
/* cppcheck-suppress CastIntegerToAddressAtReturn; it does not know __typeof__ */
WRAP(DIR *, opendir, EMFILE, NULL, (const char *path), (path))
WRAP(FILE *, fdopen, EMFILE, NULL, (int fd, const char *mode), (fd, mode))
WRAP(int, fflush, ENOSPC, EOF, (FILE * file), (file))
WRAP(int, pipe2, EMFILE, -1, (int ends[2], int flags), (ends, flags))
WRAP(int, poll, EINTR, -1, (struct pollfd * fds, nfds_t count_of, int ms), (fds, count_of, ms))
WRAP(int, connect, ECONNREFUSED, -1, (int fd, const struct sockaddr *address, socklen_t len),
     (fd, address, len))
WRAP(int, getaddrinfo, 0, EAI_AGAIN,
     (const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **out),
     (host, port, hints, out))
WRAP(int, posix_spawnp, 0, EAGAIN,
     (pid_t * out, const char *name, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const words[], char *const variables[]),
     (out, name, actions, attributes, words, variables))
WRAP(int, flock, ENOLCK, -1, (int fd, int how), (fd, how))
WRAP(int, symlink, EACCES, -1, (const char *to, const char *path), (to, path))
WRAP(ssize_t, readlink, EACCES, -1, (const char *path, char *out, size_t size), (path, out, size))
WRAP(int, sched_getaffinity, EPERM, -1, (pid_t pid, size_t size, cpu_set_t *out), (pid, size, out))
WRAP_SLOW(pid_t, waitpid, ECHILD, -1, (pid_t pid, int *status, int how), (pid, status, how))
WRAP(ssize_t, getrandom, EAGAIN, -1, (void *out, size_t len, unsigned flags), (out, len, flags))

/* Taking out what is there does not fail; libmicrohttpd aborts if it does. */
int epoll_ctl(int fd, int op, int target, struct epoll_event *event)
{
    if (op != EPOLL_CTL_DEL && FAILS(SYSTEM, ENOSPC))
        return -1;
    return REAL(epoll_ctl)(fd, op, target, event);
}

/* Nor does writing to an eventfd, 8 bytes, whose counter is not full. */
ssize_t write(int fd, const void *bytes, size_t len)
{
    if (len != sizeof(uint64_t) && (FAILS(INTERRUPT, EINTR) || FAILS(SYSTEM, ENOSPC)))
        return -1;
    return REAL(write)(fd, bytes, len);
}

/* Closed all the same, as Linux does. */
int fclose(FILE *file)
{
    int closed = REAL(fclose)(file);
    return FAILS(SYSTEM, EIO) ? EOF : closed;
}

int close(int fd)
{
    int closed = REAL(close)(fd);
    return FAILS(SYSTEM, EIO) ? -1 : closed;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    if (FAILS(SYSTEM, EMFILE))
        return -1;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    return REAL(openat)(AT_FDCWD, path, flags, mode);
}

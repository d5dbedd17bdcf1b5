/* What the sandbox lets a process do. Each thing is tried in a child of its own. */
#include "server/process/sandbox.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { FINE = 7, NO_SANDBOX = 8 };

/* How a child ends that does this within the sandbox. */
static int end_of(int (*act)(void))
{
    struct error err = {0};
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(sandbox_enter(&err) ? act() : NO_SANDBOX);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SANDBOX)
        skip();
    return status;
}

static void *do_nothing(void *context)
{
    return context;
}

static int start_a_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, do_nothing, NULL) == 0 && pthread_join(thread, NULL) == 0
               ? FINE
               : 1;
}

static int make_a_process(void)
{
    return fork() == -1 && errno == ENOSYS ? FINE : 1;
}

static int leave_a_core_file(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 1 ? FINE : 1;
}

static int run_a_program(void)
{
    char *const arguments[] = {(char *)"true", NULL};
    return execv("/bin/true", arguments);
}

static int trace(void)
{
    return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int become_root(void)
{
    return setuid(0);
}

static int listen_on_a_socket(void)
{
    return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static int ask_for_what_is_new(void)
{
    return syscall(SYS_memfd_create, "", 0) == -1 && errno == ENOSYS ? FINE : 1;
}

static void test_what_is_allowed(void **state)
{
    (void)state;
    int (*const acts[])(void) = {start_a_thread, make_a_process, leave_a_core_file,
                                 ask_for_what_is_new};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const int status = end_of(acts[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), FINE);
    }
}

static void test_what_is_deadly(void **state)
{
    (void)state;
    int (*const acts[])(void) = {run_a_program, trace, become_root, listen_on_a_socket};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const int status = end_of(acts[i]);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_allowed),
        cmocka_unit_test(test_what_is_deadly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The lists. What is allowed was found by tracing servers of each kind (engines, stores, TLS,
 * reloads), and completed by what the C library's functions behind those calls may use instead.
 */
#include "server/process/sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

bool sandbox_is_apt(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return true;
#endif
}

/* A core file's limit of 0 does not count where a program takes it through a pipe (core(5)); one
 * byte does, there and for files. */
static void refuse_core_files(void)
{
    const struct rlimit one = {1, 1};
    (void)setrlimit(RLIMIT_CORE, &one);
}

#ifdef DIGIT_HAVE_SECCOMP

#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>

/* For each purpose, by name. What an architecture does not have is skipped. */
static const char *const allowed[] = {
    /* connections, and the stores' own */
    "accept4", "connect", "socket", "socketpair", "bind", "getsockname", "getpeername",
    "getsockopt", "setsockopt", "shutdown", "recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg",
    "sendmmsg", "sendfile",
    /* waiting */
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll",
    "select", "pselect6", "eventfd2", "pipe2", "nanosleep", "clock_nanosleep", "restart_syscall",
    /* files: models, certificates, keys, the stores' cache, /proc/self */
    "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "close", "open", "openat",
    "openat2", "stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access",
    "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64", "getcwd", "lseek", "dup",
    "fcntl", "ioctl", "flock", "fadvise64", "fallocate", "ftruncate", "fsync", "fdatasync",
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink",
    "unlinkat", "rmdir", "mkdir", "mkdirat", "fchmod", "fchmodat", "umask", "utimensat",
    /* memory */
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mincore", "membarrier",
    "get_mempolicy", "set_mempolicy", "mbind",
    /* threads; clone and prctl are further down */
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address",
    "gettid", "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam",
    "sched_getscheduler", "sched_get_priority_min", "sched_get_priority_max", "getpriority",
    "arch_prctl", "exit", "exit_group",
    /* signals, of the process to itself */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigpending",
    "sigaltstack", "tgkill",
    /* what there is to know */
    "clock_gettime", "clock_getres", "gettimeofday", "time", "getrandom", "uname", "sysinfo",
    "getcpu", "getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
    "getresgid", "getgroups", "getrlimit", "prlimit64", "getrusage", "times"};

static const char *const deadly[] = {
    /* other programs and processes */
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
    "pidfd_getfd", "pidfd_open", "kcmp",
    /* other rights, other views of the system */
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
    "setgroups", "capset", "personality", "chroot", "pivot_root", "mount", "umount2", "move_mount",
    "fsopen", "fsmount", "open_tree", "unshare", "setns",
    /* the kernel's less trodden parts */
    "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "open_by_handle_at", "name_to_handle_at",
    /* the machine */
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
    "sethostname", "setdomainname", "quotactl", "acct", "iopl", "ioperm", "modify_ldt",
    /* another place to be attacked at */
    "listen"};

static int add(scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t count)
{
    int failure = 0;
    for (size_t i = 0; i < count && failure == 0; i++) {
        const int number = seccomp_syscall_resolve_name(names[i]);
        if (number >= 0)
            failure = seccomp_rule_add(filter, action, number, 0);
    }
    return failure;
}

static int fill(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp a_thread =
        SCMP_A0_64(SCMP_CMP_MASKED_EQ, (uint64_t)CLONE_THREAD, (uint64_t)CLONE_THREAD);
    const struct scmp_arg_cmp its_name = SCMP_A0_64(SCMP_CMP_EQ, (uint64_t)PR_SET_NAME);
    int failure = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (failure == 0)
        failure = add(filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof *allowed);
    if (failure == 0)
        failure = add(filter, SCMP_ACT_KILL_PROCESS, deadly, sizeof deadly / sizeof *deadly);
    /* clone3 hides its flags from a filter; without it the C library uses clone. */
    if (failure == 0)
        failure = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &a_thread);
    if (failure == 0)
        failure = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, &its_name);
    return failure;
}

bool sandbox_enter(struct error *err)
{
    refuse_core_files();
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (filter == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a filter of system calls");
    int failure = fill(filter);
    if (failure == 0)
        failure = seccomp_load(filter);
    seccomp_release(filter);
    return failure == 0 ||
           error_set(err, ERROR_INTERNAL, "the system does not take a filter of system calls: %s",
                     strerror(abs(failure)));
}

#else

bool sandbox_enter(struct error *err)
{
    refuse_core_files();
    return error_set(err, ERROR_BAD_ARGUMENT, "this digitd was built without libseccomp");
}

#endif

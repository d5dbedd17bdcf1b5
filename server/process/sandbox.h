/*
 * What the process may still ask of the system once it serves: a filter of system calls
 * (seccomp(2)), by way of libseccomp, for all its threads and for good. What a server of ours never
 * needs and whoever took it over would want first (another program, another process's memory, other
 * rights) ends the process. Whatever else is not on the list is answered as by a system that does
 * not have it (ENOSYS), so that a newer libc falls back on what is.
 *
 * No new privileges can be had then (PR_SET_NO_NEW_PRIVS), and a crash leaves no core file, which
 * would hold keys and pictures.
 */
#ifndef DIGIT_PROCESS_SANDBOX_H
#define DIGIT_PROCESS_SANDBOX_H

#include "model/error.h"

/* Whether this program is one for it. One with a sanitizer asks the system for more. */
bool sandbox_is_apt(void);

/* Enters it. All that needs more has been done: plug-ins may be loaded afterwards, but no socket
 * can be listened on. On failure nothing has changed, but for core files and new privileges. */
bool sandbox_enter(struct error *err) MUST_CHECK;

#endif

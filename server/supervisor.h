/*
 * Whoever started us, if it is systemd: the sockets that it passes (sd_listen_fds(3)) and what it
 * wants to hear (sd_notify(3)). Both are small protocols, spoken here without its library.
 */
#ifndef DIGIT_SUPERVISOR_H
#define DIGIT_SUPERVISOR_H

#include "model/error.h"

/* Listening sockets; -1 where there is none. */
struct supervisor_sockets {
    int main;
    int admin; /* the one that is called so (FileDescriptorName=admin) */
};

/* Fills *out with what was passed to this very process. Once, before threads start. */
bool supervisor_sockets(struct supervisor_sockets *out, struct error *err) MUST_CHECK;

/* Says that the server is ready, reads its files again, or stops. Nothing where nobody listens. */
void supervisor_ready(void);
void supervisor_reloading(void);
void supervisor_stopping(void);

#endif

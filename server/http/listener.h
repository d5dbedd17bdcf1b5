/*
 * A listening TCP socket and the thread that accepts on it.
 */
#ifndef DIGIT_LISTENER_H
#define DIGIT_LISTENER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "model/error.h"

enum { LISTENER_ADDRESS_SIZE = 72 };

struct listener;

/* Takes a fresh connection: non-blocking, close-on-exec. Runs on the listener's thread. */
typedef void listener_callback(int fd, const struct sockaddr *address, socklen_t len,
                               void *context);

/* Binds and listens; connections are not accepted before listener_run. When `shared`, other
 * processes of the same user that ask for it, too, may listen at the same port, and the kernel
 * deals connections out by a hash of their addresses (SO_REUSEPORT). */
bool listener_open(struct listener **out, const char *host, uint16_t port, bool shared,
                   struct error *err) MUST_CHECK;

/* The same with a socket that listens already, which it takes, on failure too. */
bool listener_adopt(struct listener **out, int fd, struct error *err) MUST_CHECK;

/* Starts the thread. */
bool listener_run(struct listener *l, listener_callback *callback, void *context,
                  struct error *err) MUST_CHECK;

/* Fills `out` with where it listens, as numbers: "127.0.0.1:8080", "[::1]:8080". */
void listener_address(const struct listener *l, char out[LISTENER_ADDRESS_SIZE]);

/* Stops accepting: on return the callback runs no more. Connections that the kernel had completed
 * but nobody accepted are handed over first, as many as may wait (SOMAXCONN). One whose handshake
 * had begun and ends after that is reset. On a shared port handshakes are given 200 ms to end, and
 * none begins meanwhile: who tries is not heard, tries again after a second, and gets to another
 * process. So what is reset there are handshakes that take longer than that, and where
 * net.ipv4.tcp_migrate_req is 1 the kernel hands these over, too. Accepts NULL. */
void listener_close(struct listener *l);

#endif

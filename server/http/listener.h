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

/* Binds and listens; connections are not accepted before listener_run. */
bool listener_open(struct listener **out, const char *host, uint16_t port,
                   struct error *err) MUST_CHECK;

/* The same with a socket that listens already, which it takes, on failure too. */
bool listener_adopt(struct listener **out, int fd, struct error *err) MUST_CHECK;

/* Starts the thread. */
bool listener_run(struct listener *l, listener_callback *callback, void *context,
                  struct error *err) MUST_CHECK;

/* Fills `out` with where it listens, as numbers: "127.0.0.1:8080", "[::1]:8080". */
void listener_address(const struct listener *l, char out[LISTENER_ADDRESS_SIZE]);

/* Stops accepting: on return the callback runs no more. Connections that the kernel had completed
 * but nobody accepted are handed over first. Accepts NULL. */
void listener_close(struct listener *l);

#endif

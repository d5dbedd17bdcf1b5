/*
 * The functions that libmicrohttpd and GnuTLS read with, and the one that sends where there is TLS.
 */
#include "server/http/receive.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>

#include "server/http/loop.h"
#include "server/http/peer.h"

enum { DISCARDS_MAX = 16 };

static _Thread_local struct loop *current; /* NULL: none */

void receive_begin(struct loop *loop)
{
    current = loop;
}

void receive_end(void)
{
    current = NULL;
}

static ssize_t note(ssize_t moved)
{
    current->moved |= moved > 0;
    return moved;
}

static ssize_t read_plain(void *source, char *out, size_t size)
{
    const struct peer *p = source;
    return recvfrom(p->fd, out, size, MSG_DONTWAIT, NULL, NULL);
}

/* A connection that is closed while there is something unread in it is reset, and the client may
 * not get to see why. */
static void discard_rest(const struct peer *p)
{
    char sink[4096];
    for (size_t i = 0; i < DISCARDS_MAX; i++)
        if (recvfrom(p->fd, sink, sizeof sink, MSG_DONTWAIT, NULL, NULL) <= 0)
            return;
}

/* What GnuTLS reads: records, and before the first of them a handshake, which may have to wait. */
static ssize_t read_for_tls(const struct peer *p, int fd, void *out, size_t size, int flags)
{
    const bool greets = p != NULL && !p->greeted;
    if (greets && !pace_greets(&current->pace, loop_now_ns())) {
        current->moved = true; /* as soon as it is asked again */
        errno = EAGAIN;
        return -1;
    }
    return note(recvfrom(fd, out, size, flags, NULL, NULL));
}

__attribute__((visibility("default"))) ssize_t(recv)(int fd, void *out, size_t size, int flags)
{
    if (current == NULL)
        return recvfrom(fd, out, size, flags, NULL, NULL);
    struct peer *p = peers_find(&current->peers, fd);
    if (current->tls != NULL)
        return read_for_tls(p, fd, out, size, flags);
    if (p == NULL) {
        errno = ENOTCONN;
        return -1;
    }
    ssize_t got = peer_receive(p, read_plain, p, out, size);
    if (p->intake.state == INTAKE_OVER)
        discard_rest(p);
    return got;
}

/* gnutls_record_recv under another name, which also tells a record's number. */
static ssize_t read_record(gnutls_session_t session, void *out, size_t size)
{
    unsigned char number[8];
    return gnutls_record_recv_seq(session, out, size, number);
}

static ssize_t read_encrypted(void *source, char *out, size_t size)
{
    ssize_t got = read_record(source, out, size);
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED) {
        errno = EAGAIN;
        return -1;
    }
    return got;
}

/* A result below zero is a code of GnuTLS, of which -1 is none. */
__attribute__((visibility("default"))) ssize_t gnutls_record_recv(gnutls_session_t session,
                                                                  void *out, size_t size)
{
    struct peer *p =
        current != NULL ? peers_find(&current->peers, gnutls_transport_get_int(session)) : NULL;
    if (p == NULL)
        return read_record(session, out, size);
    p->greeted = true;
    ssize_t got = note(peer_receive(p, read_encrypted, session, out, size));
    return got == -1 ? GNUTLS_E_AGAIN : got;
}

__attribute__((visibility("default"))) ssize_t gnutls_record_send(gnutls_session_t session,
                                                                  const void *bytes, size_t size)
{
    const ssize_t sent = gnutls_record_send2(session, bytes, size, 0, 0);
    return current != NULL ? note(sent) : sent;
}

/*
 * The way of a connection's bytes past the intake. libmicrohttpd has no place for that, and what it
 * makes of some requests cannot be seen any more afterwards (version 0.9.75, of Debian 12: bare
 * LFs, NULs, folded lines). It reads with recv(2), or with gnutls_record_recv where there is TLS;
 * then recv(2) is GnuTLS's way to the socket. The program defines these functions itself, which
 * makes the dynamic loader, or the linker, bind the libraries to them; for whoever else calls them
 * they are what they were. So is gnutls_record_send, to see that something was sent.
 */
#ifndef DIGIT_HTTP_RECEIVE_H
#define DIGIT_HTTP_RECEIVE_H

struct loop;

/* Between these two, what this thread reads from one of the loop's connections goes through that
 * connection's intake, and the loop hears whether anything moved. */
void receive_begin(struct loop *loop);
void receive_end(void);

#endif

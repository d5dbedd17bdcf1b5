/*
 * TLS: the certificate that clients are shown, which may be replaced while connections go on.
 */
#ifndef DIGIT_HTTP_TLS_H
#define DIGIT_HTTP_TLS_H

#include <microhttpd.h>

#include "model/error.h"

struct tls;
struct tls_identity;

/* Reads a certificate, with those that lead from it to its authority, and its key, both as PEM. The
 * paths are lent until tls_close. */
bool tls_open(struct tls **out, const char *cert, const char *key, struct error *err) MUST_CHECK;

/* Reads them again, for connections that begin from now on; on failure nothing changes. Any
 * thread. */
bool tls_reload(struct tls *t, struct error *err) MUST_CHECK;

/* Gives a fresh connection what it is to show, which is lent until tls_end. Any thread. */
struct tls_identity *tls_begin(struct tls *t, struct MHD_Connection *connection);
void tls_end(struct tls *t, struct tls_identity *identity);

/* Lends the options that libmicrohttpd needs for it; none when `t` is NULL. */
struct MHD_OptionItem *tls_options(const struct tls *t);

/* No connection may be left. Accepts NULL. */
void tls_close(struct tls *t);

#endif

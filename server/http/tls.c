/*
 * Identities, counted by the connections that show them.
 *
 * libmicrohttpd takes one certificate for the life of a daemon. So it gets none: each session is
 * handed its own credentials when its connection begins, before the handshake, and holds them to
 * its end. A replaced identity goes when the last connection that began with it does. The mutex is
 * held to count, once when a connection begins and once when it ends.
 */
#include "server/http/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tls_identity {
    gnutls_certificate_credentials_t credentials;
    size_t holders; /* connections, and the struct tls whose current one it is */
};

struct tls {
    const char *cert;
    const char *key;
    pthread_mutex_t mutex;
    struct tls_identity *current;
};

static bool is_readable(const char *path, struct error *err)
{
    return access(path, R_OK) == 0 ||
           error_set(err, ERROR_FILE, "cannot read '%s': %s", path, strerror(errno));
}

static bool read_identity(struct tls_identity **out, const struct tls *t, struct error *err)
{
    if (!is_readable(t->cert, err) || !is_readable(t->key, err))
        return false;
    struct tls_identity *i = calloc(1, sizeof *i);
    if (i == NULL || gnutls_certificate_allocate_credentials(&i->credentials) < 0) {
        free(i);
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a certificate");
    }
    int failure =
        gnutls_certificate_set_x509_key_file(i->credentials, t->cert, t->key, GNUTLS_X509_FMT_PEM);
    if (failure < 0) {
        gnutls_certificate_free_credentials(i->credentials);
        free(i);
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "cannot use the certificate %s with the key %s: %s", t->cert, t->key,
                         gnutls_strerror(failure));
    }
    i->holders = 1;
    *out = i;
    return true;
}

bool tls_open(struct tls **out, const char *cert, const char *key, struct error *err)
{
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return error_set(err, ERROR_BAD_ARGUMENT, "this libmicrohttpd was built without TLS");
    struct tls *t = calloc(1, sizeof *t);
    if (t == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for TLS");
    t->cert = cert;
    t->key = key;
    if (!read_identity(&t->current, t, err)) {
        free(t);
        return false;
    }
    pthread_mutex_init(&t->mutex, NULL);
    *out = t;
    return true;
}

void tls_end(struct tls *t, struct tls_identity *identity)
{
    if (identity == NULL)
        return;
    pthread_mutex_lock(&t->mutex);
    bool last = --identity->holders == 0;
    pthread_mutex_unlock(&t->mutex);
    if (!last)
        return;
    gnutls_certificate_free_credentials(identity->credentials);
    free(identity);
}

bool tls_reload(struct tls *t, struct error *err)
{
    struct tls_identity *next = NULL;
    if (!read_identity(&next, t, err))
        return false;
    pthread_mutex_lock(&t->mutex);
    struct tls_identity *before = t->current;
    t->current = next;
    pthread_mutex_unlock(&t->mutex);
    tls_end(t, before);
    return true;
}

struct tls_identity *tls_begin(struct tls *t, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info == NULL)
        return NULL;
    pthread_mutex_lock(&t->mutex);
    struct tls_identity *i = t->current;
    i->holders++;
    pthread_mutex_unlock(&t->mutex);
    if (gnutls_credentials_set(info->tls_session, GNUTLS_CRD_CERTIFICATE, i->credentials) == 0)
        return i;
    tls_end(t, i); /* the handshake fails, for want of a certificate */
    return NULL;
}

/* Asked only for a session that got no credentials of its own: there is nothing to show. */
static int show_nothing(gnutls_session_t session, const gnutls_datum_t *authorities,
                        int authority_count, const gnutls_pk_algorithm_t *algorithms,
                        int algorithm_count, gnutls_pcert_st **certificates,
                        unsigned *certificate_count, gnutls_privkey_t *key)
{
    (void)session;
    (void)authorities;
    (void)authority_count;
    (void)algorithms;
    (void)algorithm_count;
    (void)certificates;
    (void)certificate_count;
    (void)key;
    return -1;
}

struct MHD_OptionItem *tls_options(const struct tls *t)
{
    static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    static struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    static struct MHD_OptionItem some[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)show_nothing},
        {MHD_OPTION_END, 0, NULL}};
    return t != NULL ? some : none;
}

void tls_close(struct tls *t)
{
    if (t == NULL)
        return;
    tls_end(t, t->current);
    pthread_mutex_destroy(&t->mutex);
    free(t);
}

/*
 * What digitd can be told: one table of flags, environment variables, defaults and help.
 */
#ifndef DIGIT_OPTIONS_H
#define DIGIT_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

/* Of --workers: what the engine does best with. */
enum { OPTIONS_WORKERS_AUTO = 1 << 16 };

/* Of --admin-port. */
enum { OPTIONS_ADMIN_NONE = 1 << 16 };

enum options_action { OPTIONS_SERVE, OPTIONS_CHECK, OPTIONS_HELP, OPTIONS_VERSION };

/* Texts are lent by the command line or the environment. */
struct options {
    enum options_action action;
    const char *host;
    const char *model; /* a path or URL; NULL: the one installed beside the program */
    const char *cache; /* NULL: the user's */
    const char *engine;
    const char *isa; /* NULL: the best */
    const char *device;
    size_t port;
    size_t reuse_port; /* 0 or 1 */
    size_t threads; /* 0: as many as there are processors */
    size_t batch_max;
    size_t batch_delay_us;
    size_t workers; /* 0: compute on the connections' threads; or OPTIONS_WORKERS_AUTO */
    size_t queue_max;
    size_t deadline_ms;
    size_t body_max;
    size_t images_max;
    size_t connections_max;
    size_t address_connections_max; /* 0: any number */
    size_t bodies_max;
    size_t idle_seconds;
    size_t header_seconds;
    size_t rate_min; /* bytes a second */
    size_t request_seconds;
    size_t drain_seconds;
    size_t model_poll;         /* seconds; 0: never */
    size_t model_unload;       /* 0 or 1 */
    size_t admin_port;         /* OPTIONS_ADMIN_NONE: none */
    size_t keepalive_requests; /* 0: any number */
    const char *user;    /* NULL: none */
    const char *sandbox; /* auto, 0 or 1 */
    const char *tls_cert;      /* these two: both or none */
    const char *tls_key;
    const char *api_key_file; /* these two: NULL without */
    const char *cors_origins;
    const char *log_format; /* text or json */
    size_t access_log;      /* 0 or 1; and the next */
    size_t server_timing;
    const char *hdfs_user;
    const char *hdfs_token_file;
    const char *hdfs_ca_file;
    const char *hdfs_redirect_hosts;
    size_t hdfs_negotiate; /* 0 or 1 */
    size_t hdfs_http_port;
};

/* Fills *out from the defaults, then the environment, then the command line. */
bool options_parse(struct options *out, int argc, char **argv, struct error *err) MUST_CHECK;

/* Prints the help that --help gives. */
void options_help(void);

#endif

/*
 * The options table and its reader. Runs in main before any thread starts.
 */
#include "server/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct option_row {
    const char *flag;
    const char *variable;
    const char *metavar;
    size_t offset; /* of a const char * when `max` is 0, else of a size_t */
    size_t min;
    size_t max;
    const char *text;    /* default */
    size_t number;       /* default */
    const char *choices; /* of a text: "one|other"; NULL: any */
    const char *help;
};

#define TEXT(member, text) offsetof(struct options, member), 0, 0, text, 0, NULL
#define CHOICE(member, choices, text) offsetof(struct options, member), 0, 0, text, 0, choices
#define NUMBER(member, min, max, number) \
    offsetof(struct options, member), min, max, NULL, number, NULL

static const struct option_row rows[] = {
    {"--host", "DIGITD_HOST", "ADDRESS", TEXT(host, "127.0.0.1"),
     "listen there (default 127.0.0.1; 0.0.0.0 for every network)"},
    {"--port", "DIGITD_PORT", "PORT", NUMBER(port, 0, 65535, 8080),
     "listen there (default 8080; 0 for any free one)"},
    {"--reuse-port", "DIGITD_REUSE_PORT", "0|1", NUMBER(reuse_port, 0, 1, 0),
     "1: share the port with other digitds that say so, too (default 0)"},
    {"--model", "DIGITD_MODEL", "FILE|URL", TEXT(model, NULL),
     "serve these weights (default: the cnn_mnist.pth installed with digitd)"},
    {"--model-poll", "DIGITD_MODEL_POLL", "S", NUMBER(model_poll, 0, 86400, 0),
     "look for another model there every S seconds (default 0: only on SIGHUP)"},
    {"--model-unload", "DIGITD_MODEL_UNLOAD", "0|1", NUMBER(model_unload, 0, 1, 0),
     "1: let clients unload the model, by POST /v2/repository/models/NAME/unload (default 0)"},
    {"--cache", "DIGITD_CACHE", "DIR", TEXT(cache, NULL),
     "keep copies of models from URLs there (default: digitd in the user's cache folder)"},
    {"--engine", "DIGITD_ENGINE", "NAME", TEXT(engine, "auto"),
     "compute with native or torch (default auto: native where it can)"},
    {"--isa", "DIGIT_ISA", "NAME", TEXT(isa, NULL),
     "let the native engine use that instruction set (default: the best there is)"},
    {"--device", "DIGITD_DEVICE", "NAME", TEXT(device, "cpu"),
     "where the torch engine computes: cpu or cuda (default cpu)"},
    {"--threads", "DIGITD_THREADS", "N", NUMBER(threads, 0, 1024, 0),
     "serve with N threads (default 0: one a processor)"},
    {"--batch-max", "DIGITD_BATCH_MAX", "N", NUMBER(batch_max, 1, 4096, 64),
     "compute at most N images at once (default 64)"},
    {"--batch-delay-us", "DIGITD_BATCH_DELAY_US", "US", NUMBER(batch_delay_us, 0, 1000000, 0),
     "let a worker wait so long for a batch to fill (default 0: take what is there)"},
    {"--workers", "DIGITD_WORKERS", "N", NUMBER(workers, 0, 1024, OPTIONS_WORKERS_AUTO),
     "compute with N threads, 0: with the connections' own (default: 0 but for torch)"},
    {"--queue-max", "DIGITD_QUEUE_MAX", "N", NUMBER(queue_max, 1, 1 << 20, 4096),
     "answer 503 when more images than that wait (default 4096)"},
    {"--deadline-ms", "DIGITD_DEADLINE_MS", "MS", NUMBER(deadline_ms, 1, 3600000, 5000),
     "answer 503 for images that have waited longer (default 5000)"},
    {"--body-max", "DIGITD_BODY_MAX", "BYTES", NUMBER(body_max, 1024, 1 << 30, 4 << 20),
     "refuse larger requests (default 4194304)"},
    {"--images-max", "DIGITD_IMAGES_MAX", "N", NUMBER(images_max, 1, 4096, 64),
     "refuse requests with more images (default 64)"},
    {"--connections-max", "DIGITD_CONNECTIONS_MAX", "N", NUMBER(connections_max, 1, 1 << 20, 10000),
     "answer further connections with 503 (default 10000)"},
    {"--address-connections-max", "DIGITD_ADDRESS_CONNECTIONS_MAX", "N",
     NUMBER(address_connections_max, 0, 1 << 20, 5000),
     "of them, so many from one IPv4 address or IPv6 /64 (default 5000; 0: any number)"},
    {"--bodies-max", "DIGITD_BODIES_MAX", "BYTES",
     NUMBER(bodies_max, 1 << 20, SIZE_MAX / 2, 256 << 20),
     "let bodies that come in pieces take so much memory in all (default 268435456)"},
    {"--idle-seconds", "DIGITD_IDLE_SECONDS", "S", NUMBER(idle_seconds, 1, 86400, 30),
     "close connections that are silent for so long (default 30)"},
    {"--header-seconds", "DIGITD_HEADER_SECONDS", "S", NUMBER(header_seconds, 1, 3600, 5),
     "wait so long for the rest of a request's head (default 5)"},
    {"--rate-min", "DIGITD_RATE_MIN", "BYTES", NUMBER(rate_min, 0, 1 << 30, 8192),
     "drop clients that send or read fewer bytes a second (default 8192; 0: none)"},
    {"--request-seconds", "DIGITD_REQUEST_SECONDS", "S", NUMBER(request_seconds, 1, 86400, 60),
     "let a request take so long in all, from head to the reply's end (default 60)"},
    {"--drain-seconds", "DIGITD_DRAIN_SECONDS", "S", NUMBER(drain_seconds, 0, 3600, 10),
     "let requests end for so long when told to stop (default 10)"},
    {"--keepalive-requests", "DIGITD_KEEPALIVE_REQUESTS", "N",
     NUMBER(keepalive_requests, 0, 1 << 30, 0),
     "close a connection after N requests (default 0: never for that)"},
    {"--admin-port", "DIGITD_ADMIN_PORT", "PORT", NUMBER(admin_port, 0, 65535, OPTIONS_ADMIN_NONE),
     "answer /livez, /readyz, /health and /metrics there, too (default: only at --port)"},
    {"--user", "DIGITD_USER", "NAME[:GROUP]", TEXT(user, NULL),
     "started as root, go on as that user once everything is open (default: stay)"},
    {"--sandbox", "DIGITD_SANDBOX", "auto|0|1", CHOICE(sandbox, "auto|0|1", "auto"),
     "let the process do no more than serving takes (default auto: where that can be)"},
    {"--tls-cert", "DIGITD_TLS_CERT", "FILE", TEXT(tls_cert, NULL),
     "speak HTTPS, with the certificate, and those above it, in that PEM file"},
    {"--tls-key", "DIGITD_TLS_KEY", "FILE", TEXT(tls_key, NULL), "and the key in that one"},
    {"--api-key-file", "DIGITD_API_KEY_FILE", "FILE", TEXT(api_key_file, NULL),
     "answer only who has one of the keys in that file (default: anyone)"},
    {"--cors-origins", "DIGITD_CORS_ORIGINS", "LIST", TEXT(cors_origins, NULL),
     "let pages from these http[s]://HOST[:PORT],... ask, or * (default: none)"},
    {"--log-format", "DIGITD_LOG_FORMAT", "text|json", CHOICE(log_format, "text|json", "text"),
     "write the log as text or as one JSON object a line (default text)"},
    {"--access-log", "DIGITD_ACCESS_LOG", "0|1", NUMBER(access_log, 0, 1, 0),
     "1: log every request (default 0)"},
    {"--server-timing", "DIGITD_SERVER_TIMING", "0|1", NUMBER(server_timing, 0, 1, 0),
     "1: tell clients how long the steps of a prediction took (default 0)"},
    {"--hdfs-user", "DIGITD_HDFS_USER", "NAME", TEXT(hdfs_user, NULL),
     "ask HDFS as that user (default: the login name)"},
    {"--hdfs-token-file", "DIGITD_HDFS_TOKEN_FILE", "FILE", TEXT(hdfs_token_file, NULL),
     "show HDFS the delegation token in that file"},
    {"--hdfs-negotiate", "DIGITD_HDFS_NEGOTIATE", "0|1", NUMBER(hdfs_negotiate, 0, 1, 0),
     "1: show HDFS the Kerberos ticket at hand (default 0)"},
    {"--hdfs-ca-file", "DIGITD_HDFS_CA_FILE", "FILE", TEXT(hdfs_ca_file, NULL),
     "trust these certificates for swebhdfs:// (default: the system's)"},
    {"--hdfs-redirect-hosts", "DIGITD_HDFS_REDIRECT_HOSTS", "HOSTS",
     TEXT(hdfs_redirect_hosts, NULL),
     "take data from these HOST[:PORT],... only (default: from wherever the NameNode says)"},
    {"--hdfs-http-port", "DIGITD_HDFS_HTTP_PORT", "PORT", NUMBER(hdfs_http_port, 1, 65535, 9870),
     "ask the NameNodes of hdfs:// URLs there (default 9870)"},
};

enum { ROWS = sizeof rows / sizeof *rows };

static bool is_choice(const char *choices, const char *value)
{
    const size_t len = strlen(value);
    for (const char *c = choices; *c != '\0'; c += strspn(c, "|")) {
        const size_t choice_len = strcspn(c, "|");
        if (choice_len == len && memcmp(c, value, len) == 0)
            return true;
        c += choice_len;
    }
    return false;
}

static bool set(struct options *o, const struct option_row *row, const char *name,
                const char *value, struct error *err)
{
    char *field = (char *)o + row->offset;
    if (row->max == 0) {
        if (row->choices != NULL && !is_choice(row->choices, value))
            return error_set(err, ERROR_BAD_ARGUMENT, "%s: '%s' is not one of %s", name, value,
                             row->choices);
        memcpy(field, &value, sizeof value);
        return true;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || number < row->min ||
        number > row->max)
        return error_set(err, ERROR_BAD_ARGUMENT, "%s: '%s' is not a number from %zu to %zu", name,
                         value, row->min, row->max);
    size_t in_range = (size_t)number;
    memcpy(field, &in_range, sizeof in_range);
    return true;
}

static void set_defaults(struct options *o)
{
    *o = (struct options){.action = OPTIONS_SERVE};
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].max == 0)
            memcpy((char *)o + rows[i].offset, &rows[i].text, sizeof rows[i].text);
        else
            memcpy((char *)o + rows[i].offset, &rows[i].number, sizeof rows[i].number);
    }
}

static bool set_from_environment(struct options *o, struct error *err)
{
    for (size_t i = 0; i < ROWS; i++) {
        const char *value = getenv(rows[i].variable);
        if (value != NULL && value[0] != '\0' && !set(o, &rows[i], rows[i].variable, value, err))
            return false;
    }
    return true;
}

/* Takes `--flag value` and `--flag=value`; moves *at past what it took. */
static bool set_from_flag(struct options *o, int argc, char **argv, int *at, struct error *err)
{
    const char *flag = argv[*at];
    for (size_t i = 0; i < ROWS; i++) {
        size_t len = strlen(rows[i].flag);
        if (strncmp(flag, rows[i].flag, len) != 0)
            continue;
        if (flag[len] == '=')
            return set(o, &rows[i], rows[i].flag, flag + len + 1, err);
        if (flag[len] != '\0')
            continue;
        if (*at + 1 == argc)
            return error_set(err, ERROR_BAD_ARGUMENT, "%s needs a value: %s %s", flag, flag,
                             rows[i].metavar);
        return set(o, &rows[i], rows[i].flag, argv[++*at], err);
    }
    return error_set(err, ERROR_BAD_ARGUMENT, "'%s' is no option; see digitd --help", flag);
}

bool options_parse(struct options *out, int argc, char **argv, struct error *err)
{
    set_defaults(out);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            out->action = OPTIONS_HELP;
        else if (strcmp(argv[i], "--version") == 0)
            out->action = OPTIONS_VERSION;
        else if (strcmp(argv[i], "--check") == 0)
            out->action = OPTIONS_CHECK;
        if (out->action == OPTIONS_HELP || out->action == OPTIONS_VERSION)
            return true;
    }
    if (!set_from_environment(out, err))
        return false;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--check") != 0 && !set_from_flag(out, argc, argv, &i, err))
            return false;
    return true;
}

void options_help(void)
{
    printf("Usage: digitd [OPTION]...\n"
           "Recognise handwritten digits over HTTP.\n\n");
    for (size_t i = 0; i < ROWS; i++) {
        char left[48];
        (void)snprintf(left, sizeof left, "%s %s", rows[i].flag, rows[i].metavar);
        printf("  %-28s %s\n", left, rows[i].help);
    }
    printf("  %-28s %s\n", "--check",
           "ask the digitd that runs with the same options whether it is ready, and exit");
    printf("  %-28s %s\n", "--help", "print this and exit");
    printf("  %-28s %s\n", "--version", "print the version and exit");
    printf("\nEach option can also be set by an environment variable: %s for %s, and so on.\n"
           "The server stops on SIGTERM or SIGINT once the requests that have begun are answered;\n"
           "on SIGHUP it reads its certificate and API keys again, and looks for another model to "
           "serve.\n",
           rows[0].variable, rows[0].flag);
}

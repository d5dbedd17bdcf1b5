/*
 * libmicrohttpd as it comes, with the routes that the raw requests of tests/http/wire ask for: what
 * it takes and refuses by itself is measured beside digitd.   bare [--port 0]
 */
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_SECONDS = 30, BODY_MAX = 4 * 1024 * 1024 };

struct request {
    size_t len;
    char first[2]; /* of the body */
};

static unsigned status_of(const char *path, const char *method, const struct request *r)
{
    const bool gets = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    const bool predicts = strcmp(path, "/predict") == 0;
    if (strcmp(method, "OPTIONS") == 0)
        return MHD_HTTP_NO_CONTENT;
    if (!predicts && strcmp(path, "/livez") != 0)
        return MHD_HTTP_NOT_FOUND;
    if (predicts ? strcmp(method, "POST") != 0 : !gets)
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    if (!predicts)
        return MHD_HTTP_OK;
    if (r->len > BODY_MAX)
        return MHD_HTTP_CONTENT_TOO_LARGE;
    return r->len == 2 && memcmp(r->first, "{}", 2) == 0 ? MHD_HTTP_UNPROCESSABLE_CONTENT
                                                         : MHD_HTTP_BAD_REQUEST;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *piece,
                              size_t *piece_len, void **slot)
{
    struct request *r = *slot;
    (void)context;
    (void)version;
    if (r == NULL) {
        *slot = r = calloc(1, sizeof *r);
        return r != NULL ? MHD_YES : MHD_NO;
    }
    if (*piece_len > 0) {
        for (size_t i = 0; i < *piece_len && r->len + i < sizeof r->first; i++)
            r->first[r->len + i] = piece[i];
        r->len += *piece_len;
        *piece_len = 0;
        return MHD_YES;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, (void *)(char[]){""}, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued = MHD_queue_response(connection, status_of(path, method, r), response);
    MHD_destroy_response(response);
    return queued;
}

static void end(void *context, struct MHD_Connection *connection, void **slot,
                enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    free(*slot);
}

int main(int argc, char **argv)
{
    const struct sockaddr_in any_port = {.sin_family = AF_INET,
                                         .sin_addr = {htonl(INADDR_LOOPBACK)}};
    sigset_t signals;
    int signal_number;
    (void)argc;
    (void)argv;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR,
        (const struct sockaddr *)&any_port, MHD_OPTION_NOTIFY_COMPLETED, end, NULL,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    if (daemon == NULL)
        return 1;
    const unsigned port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    fprintf(stderr, "libmicrohttpd %s on http://127.0.0.1:%u\n", MHD_get_version(), port);
    (void)sigwait(&signals, &signal_number);
    MHD_stop_daemon(daemon);
    return 0;
}

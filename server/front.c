/*
 * Two servers over one service. The operators' has a thread, a socket and connections of its own,
 * so that it answers while the other one is full, and it asks for no key. Runs in main.
 */
#include "server/front.h"

#include "server/notes.h"
#include "server/routes.h"
#include "server/supervisor.h"

enum {
    ADMIN_CONNECTIONS_MAX = 64,
    ADMIN_BODY_MAX = 1024,
};

static void end_turn(size_t loop, void *context)
{
    struct service *s = context;
    batcher_turn(s->batcher, loop);
}

/* Operators bring no jobs. */
static void end_admin_turn(size_t loop, void *context)
{
    (void)loop;
    (void)context;
}

static struct http_options main_options(struct service *s, const struct options *o, size_t loops,
                                        int fd)
{
    return (struct http_options){
        .host = o->host,
        .port = (uint16_t)o->port,
        .reuse_port = o->reuse_port != 0,
        .listen_fd = fd,
        .tls_cert = o->tls_cert,
        .tls_key = o->tls_key,
        .loops = loops,
        .connections_max = o->connections_max,
        .address_connections_max = o->address_connections_max,
        .body_max = o->body_max,
        .bodies_max = o->bodies_max,
        .idle_seconds = (unsigned)o->idle_seconds,
        .header_seconds = (unsigned)o->header_seconds,
        .rate_min = o->rate_min,
        .request_seconds = (unsigned)o->request_seconds,
        .requests_max = o->keepalive_requests,
        .notes_len = sizeof(struct notes),
        .callbacks = {routes_admit, routes_refuse, end_turn, notes_end, s},
    };
}

static struct http_options admin_options(struct service *s, const struct options *o, int fd)
{
    return (struct http_options){
        .host = o->host,
        .port = (uint16_t)o->admin_port,
        .listen_fd = fd,
        .first_loop = s->admin_seat,
        .loops = 1,
        .connections_max = ADMIN_CONNECTIONS_MAX,
        .body_max = ADMIN_BODY_MAX,
        .bodies_max = ADMIN_CONNECTIONS_MAX * ADMIN_BODY_MAX,
        .idle_seconds = (unsigned)o->idle_seconds,
        .header_seconds = (unsigned)o->header_seconds,
        .rate_min = o->rate_min,
        .request_seconds = (unsigned)o->request_seconds,
        .notes_len = sizeof(struct notes),
        .callbacks = {routes_admit_operator, routes_refuse, end_admin_turn, notes_end, s},
    };
}

bool front_open(struct front *out, struct service *s, const struct options *o, size_t loops,
                struct error *err)
{
    struct supervisor_sockets sockets;
    *out = (struct front){0};
    if ((o->tls_cert == NULL) != (o->tls_key == NULL))
        return error_set(err, ERROR_BAD_ARGUMENT, "--tls-cert and --tls-key go together");
    if (!supervisor_sockets(&sockets, err))
        return false;
    const struct http_options main = main_options(s, o, loops, sockets.main);
    const struct http_options admin = admin_options(s, o, sockets.admin);
    const bool has_admin = o->admin_port != OPTIONS_ADMIN_NONE || sockets.admin >= 0;
    if (!http_start(&out->main, &main, err) ||
        (has_admin && !http_start(&out->admin, &admin, err))) {
        front_close(out, 0);
        return false;
    }
    s->server = out->main;
    return true;
}

void front_close(struct front *f, unsigned drain_seconds)
{
    http_stop(f->main, drain_seconds);
    http_stop(f->admin, 0);
    http_free(f->main); /* which the operators' may have asked for its stats */
    http_free(f->admin);
    *f = (struct front){0};
}

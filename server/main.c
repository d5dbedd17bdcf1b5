/*
 * digitd: options -> model -> engine -> HTTP -> wait -> drain.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/install.h"
#include "server/http.h"
#include "server/log.h"
#include "server/notes.h"
#include "server/options.h"
#include "server/routes.h"
#include "server/service.h"

static void end_turn(size_t loop, void *context)
{
    struct service *s = context;
    batcher_turn(s->batcher, loop);
}

static void say_what_is_served(const struct models *models, const struct options *o, unsigned port)
{
    const struct generation *g = models_first(models);
    if (g != NULL)
        log_line("serving %s (%s) with %s on http://%s:%u", g->model.name, g->model.version,
                 engine_describe(g->engine), o->host, port);
    else
        log_line("there is no model yet; looking for %s and listening on http://%s:%u", o->model,
                 o->host, port);
}

static void reload(struct service *service)
{
    struct error err = {0};
    if (service->keys != NULL && !keys_reload(service->keys, &err))
        log_error("the API keys stay what they were: %s", err.text);
    models_look(service->models);
}

/* Returns when it is time to stop. */
static void answer_signals(struct service *service, const sigset_t *signals)
{
    int signal = 0;
    while (sigwait(signals, &signal) != 0 || signal == SIGHUP)
        if (signal == SIGHUP)
            reload(service);
}

static bool serve(struct service *service, const struct options *o, size_t threads,
                  const sigset_t *signals, struct error *err)
{
    const struct http_options http = {
        .host = o->host,
        .port = (uint16_t)o->port,
        .loops = threads,
        .connections_max = o->connections_max,
        .body_max = o->body_max,
        .idle_seconds = (unsigned)o->idle_seconds,
        .notes_len = sizeof(struct notes),
        .callbacks = {routes_admit, routes_refuse, end_turn, notes_end, service},
    };
    struct http_server *server = NULL;
    if (!http_start(&server, &http, err))
        return false;
    service->server = server;
    say_what_is_served(service->models, o, http_port(server));
    bool served = models_watch(service->models, err);
    if (served) {
        answer_signals(service, signals);
        log_line("stopping");
        models_end_watch(service->models);
    }
    http_stop(server, (unsigned)o->drain_seconds);
    return served;
}

static struct service_options service_options_of(const struct options *o, const char *model,
                                                 size_t threads)
{
    return (struct service_options){
        .models =
            {
                .location = model,
                .cache = o->cache,
                .poll_seconds = o->model_poll,
                .generation = {.engine = o->engine, .engine_options = {o->device, o->isa}},
                .store =
                    {
                        .user = o->hdfs_user,
                        .token_file = o->hdfs_token_file,
                        .negotiate = o->hdfs_negotiate != 0,
                        .ca_file = o->hdfs_ca_file,
                        .redirect_hosts = o->hdfs_redirect_hosts,
                        .hdfs_http_port = o->hdfs_http_port,
                    },
            },
        .key_file = o->api_key_file,
        .cors_origins = o->cors_origins,
        .routes = routes_name,
        .route_count = routes_count(),
        .images_max = o->images_max,
        .access_log = o->access_log != 0,
        .server_timing = o->server_timing != 0,
        .timeout_ns = (int64_t)o->deadline_ms * 1000000,
        .may_unload = o->model_unload != 0,
        .batcher =
            {
                .lanes = threads,
                .workers = o->workers,
                .queue_max = o->queue_max,
                .batch_max = o->batch_max,
                .delay_us = o->batch_delay_us,
            },
    };
}

static bool run(const struct options *o, const sigset_t *signals, struct error *err)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t threads = o->threads > 0 ? o->threads : processors > 0 ? (size_t)processors : 1;
    char installed[4096];
    if (o->model == NULL &&
        !install_path(installed, sizeof installed, "share/digit/cnn_mnist.pth", err))
        return false;
    const struct service_options options =
        service_options_of(o, o->model != NULL ? o->model : installed, threads);
    struct service service;
    if (!service_open(&service, &options, err))
        return false;
    bool served = serve(&service, o, threads, signals, err);
    service_close(&service);
    return served;
}

int main(int argc, char **argv)
{
    struct options options;
    struct error err = {0};
    if (!options_parse(&options, argc, argv, &err)) {
        log_error("%s", err.text);
        return 2;
    }
    if (options.action == OPTIONS_HELP) {
        options_help();
        return 0;
    }
    if (options.action == OPTIONS_VERSION) {
        printf("digitd %s\n", DIGIT_VERSION);
        return 0;
    }
    if (strcmp(options.log_format, "json") == 0)
        log_as_json();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    /* Before any thread starts, so that all inherit it and only sigwait sees them. */
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!run(&options, &signals, &err)) {
        log_error("%s", err.text);
        return 1;
    }
    return 0;
}

/*
 * digitd: options -> model -> engine -> HTTP -> wait -> drain.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "model/install.h"
#include "server/http.h"
#include "server/log.h"
#include "server/options.h"
#include "server/routes.h"
#include "server/service.h"

static void end_turn(size_t loop, void *context)
{
    struct service *s = context;
    batcher_turn(s->batcher, loop);
}

static bool serve(struct service *service, const struct options *o, size_t threads,
                  const sigset_t *stop, struct error *err)
{
    const struct http_options http = {
        .host = o->host,
        .port = (uint16_t)o->port,
        .loops = threads,
        .connections_max = o->connections_max,
        .body_max = o->body_max,
        .idle_seconds = (unsigned)o->idle_seconds,
        .callbacks = {routes_admit, routes_refuse, end_turn, service},
    };
    struct http_server *server = NULL;
    if (!http_start(&server, &http, err))
        return false;
    log_line("serving %s (%s) with %s on http://%s:%u", service->model.name, service->model.version,
             engine_describe(service->engine), o->host, (unsigned)http_port(server));
    int signal = 0;
    sigwait(stop, &signal);
    log_line("stopping");
    http_stop(server, (unsigned)o->drain_seconds);
    return true;
}

static bool run(const struct options *o, const sigset_t *stop, struct error *err)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t threads = o->threads > 0 ? o->threads : processors > 0 ? (size_t)processors : 1;
    char installed[4096];
    if (o->model == NULL &&
        !install_path(installed, sizeof installed, "share/digit/cnn_mnist.pth", err))
        return false;
    const struct service_options options = {
        .model = o->model != NULL ? o->model : installed,
        .engine = o->engine,
        .isa = o->isa,
        .device = o->device,
        .images_max = o->images_max,
        .timeout_ns = (int64_t)o->deadline_ms * 1000000,
        .batcher =
            {
                .lanes = threads,
                .workers = o->workers,
                .queue_max = o->queue_max,
                .batch_max = o->batch_max,
                .delay_us = o->batch_delay_us,
            },
    };
    struct service service;
    if (!service_open(&service, &options, err))
        return false;
    bool served = serve(&service, o, threads, stop, err);
    service_close(&service);
    return served;
}

int main(int argc, char **argv)
{
    struct options options;
    struct error err = {0};
    if (!options_parse(&options, argc, argv, &err)) {
        log_line("%s", err.text);
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
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    /* Before any thread starts, so that all inherit it and only sigwait sees them. */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!run(&options, &stop, &err)) {
        log_line("%s", err.text);
        return 1;
    }
    return 0;
}

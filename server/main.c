/*
 * digitd: options -> model -> engine -> HTTP -> wait -> drain.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/install.h"
#include "server/check.h"
#include "server/front.h"
#include "server/log.h"
#include "server/options.h"
#include "server/process/identity.h"
#include "server/process/sandbox.h"
#include "server/routes.h"
#include "server/service.h"
#include "server/supervisor.h"

enum { SAID_SIZE = 1024 };

static void describe_model(char out[SAID_SIZE], const struct models *models,
                           const struct options *o, const struct front *front)
{
    char url[HTTP_URL_SIZE];
    const struct generation *g = models_first(models);
    http_url(front->main, url);
    if (g != NULL)
        (void)snprintf(out, SAID_SIZE, "serving %s (%s) with %s on %s", g->model.name,
                       g->model.version, engine_describe(g->engine), url);
    else
        (void)snprintf(out, SAID_SIZE, "there is no model yet; looking for %s and listening on %s",
                       o->model, url);
}

static void say_what_is_served(const char *said, const struct front *front)
{
    char url[HTTP_URL_SIZE];
    log_line("%s", said);
    if (front->admin == NULL)
        return;
    http_url(front->admin, url);
    log_line("operators are answered at %s", url);
}

static void reload(struct service *service, const struct front *front)
{
    struct error err = {0};
    supervisor_reloading();
    if (service->keys != NULL && !keys_reload(service->keys, &err))
        log_error("the API keys stay what they were: %s", err.text);
    err = (struct error){0};
    if (!http_reload(front->main, &err))
        log_error("the certificate stays what it was: %s", err.text);
    models_look(service->models);
    supervisor_ready();
}

/* Returns when it is time to stop. */
static void answer_signals(struct service *service, const struct front *front,
                           const sigset_t *signals)
{
    int signal = 0;
    while (sigwait(signals, &signal) != 0 || signal == SIGHUP)
        if (signal == SIGHUP)
            reload(service, front);
}

/* From here on less is allowed. */
static bool confine(const struct options *o, struct error *err)
{
    struct error why = {0};
    if (!identity_take(o->user, err))
        return false;
    if (strcmp(o->sandbox, "0") == 0 || (strcmp(o->sandbox, "auto") == 0 && !sandbox_is_apt()) ||
        sandbox_enter(&why))
        return true;
    if (strcmp(o->sandbox, "1") == 0)
        return error_set(err, why.code, "--sandbox: %s", why.text);
    log_line("there is no sandbox: %s", why.text);
    return true;
}

static bool serve(struct service *service, const struct options *o, size_t threads,
                  const sigset_t *signals, struct error *err)
{
    struct front front;
    if (!front_open(&front, service, o, threads, err))
        return false;
    char said[SAID_SIZE];
    describe_model(said, service->models, o, &front); /* until it is watched, when it may change */
    bool served = confine(o, err) && models_watch(service->models, err);
    if (served) {
        say_what_is_served(said, &front); /* nothing can keep it from serving now */
        supervisor_ready();
        answer_signals(service, &front, signals);
        supervisor_stopping();
        log_line("stopping");
    }
    models_end_watch(service->models);
    front_close(&front, (unsigned)o->drain_seconds);
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

/* The exit status of a program that has said all it was asked for. */
static int end_output(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return 0;
    log_error("the output cannot be written");
    return 1;
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
        return end_output();
    }
    if (options.action == OPTIONS_VERSION) {
        printf("digitd %s\n", DIGIT_VERSION);
        return end_output();
    }
    if (options.action == OPTIONS_CHECK) {
        if (check_ready(&options, &err))
            return 0;
        log_error("%s", err.text);
        return 1;
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
    (void)signal(SIGPIPE, SIG_IGN);
    if (!run(&options, &signals, &err)) {
        log_error("%s", err.text);
        return 1;
    }
    return 0;
}

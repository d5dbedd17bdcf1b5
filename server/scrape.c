/*
 * Gathers from everyone what there is to say in numbers. Runs on the exchange's loop.
 */
#include "server/scrape.h"

#include "server/metrics/exposition.h"
#include "server/metrics/process.h"
#include "server/problem.h"
#include "server/service.h"

static void write_info(struct text *t, const char *name, const char *help,
                       const struct exposition_label *labels)
{
    exposition_family(t, name, "gauge", help);
    exposition_integer(t, name, labels, 1);
}

static void write_model(struct text *t, const struct served *now)
{
    const struct generation *g = now->generation;
    exposition_single(t, "digitd_ready", "gauge", "Whether there is a model to serve: 1 or 0.",
                      g != NULL);
    if (g == NULL)
        return;
    write_info(t, "digitd_model_info", "The model that is served, and what computes it.",
               (struct exposition_label[]){{"name", g->model.name},
                                           {"version", g->model.version},
                                           {"engine", engine_name(g->engine)},
                                           {NULL, NULL}});
    exposition_single(t, "digitd_model_current", "gauge",
                      "Whether the last look at the model's place found what is served: 1 or 0.",
                      now->is_current);
    exposition_single(t, "digitd_model_loaded_timestamp_seconds", "gauge",
                      "When the model began to be served, since the epoch.", (uint64_t)now->loaded);
}

static void write_http(struct text *t, const struct http_server *server)
{
    struct http_stats stats = {0};
    if (server != NULL)
        http_stats(server, &stats);
    exposition_single(t, "digitd_http_connections", "gauge", "Connections that are open.",
                      stats.connections);
    exposition_single(t, "digitd_http_requests_in_flight", "gauge",
                      "Requests that have begun and not ended, this one among them.",
                      stats.exchanges);
    exposition_single(t, "digitd_http_connections_accepted_total", "counter",
                      "Connections that were accepted.", stats.accepted);
    exposition_single(t, "digitd_http_connections_refused_total", "counter",
                      "Connections that were turned away: there were too many.", stats.refused);
}

void scrape_handle(struct http_exchange *ex, void *context)
{
    struct service *s = context;
    struct text t = {0};
    struct error err = {0};
    char *body = NULL;
    size_t len = 0;
    write_info(&t, "digitd_build_info", "The program.",
               (struct exposition_label[]){{"version", DIGIT_VERSION}, {NULL, NULL}});
    write_model(&t, models_hold(s->models, http_loop(ex)));
    models_release(s->models, http_loop(ex));
    write_http(&t, s->server);
    metrics_write(s->metrics, &t);
    process_write(&t);
    if (text_take(&t, &body, &len, &err))
        http_reply(ex, 200, "text/plain; version=0.0.4; charset=utf-8", body, len);
    else
        problem_reply(ex, &err);
}

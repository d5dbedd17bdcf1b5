/*
 * The model repository extension. Runs on the exchange's loop; `answer` on the keeper's thread.
 */
#include "server/repository.h"

#include "server/models.h"
#include "server/openinference.h"
#include "server/problem.h"
#include "server/reply.h"
#include "server/service.h"

static bool has_model(const struct service *s, size_t loop)
{
    const bool has = models_hold(s->models, loop)->generation != NULL;
    models_release(s->models, loop);
    return has;
}

void repository_index(struct http_exchange *ex, void *context)
{
    const struct service *s = context;
    struct error err = {0};
    bool ready_only = false;
    size_t len = 0;
    const char *body = http_body(ex, &len);
    if (!openinference_read_index(&ready_only, body, len, &err))
        problem_reply(ex, &err);
    else if (ready_only && !has_model(s, http_loop(ex)))
        http_reply_static(ex, 200, "application/json", "[]\n", 3);
    else
        reply_served(ex, s, SERVED_V2_INDEX);
}

/* The order of an exchange was carried out. */
static void answer(void *exchange, const struct error *failure)
{
    if (failure != NULL)
        problem_reply(exchange, failure);
    else
        http_reply_static(exchange, 200, NULL, "", 0);
}

static void order(struct http_exchange *ex, struct models *models,
                  bool (*give)(struct models *m, order_done *done, void *context,
                               struct error *err))
{
    struct error err = {0};
    size_t len = 0;
    const char *body = http_body(ex, &len);
    if (!openinference_read_order(body, len, &err)) {
        problem_reply(ex, &err);
        return;
    }
    http_defer(ex);
    if (!give(models, answer, ex, &err))
        problem_reply(ex, &err);
}

void repository_load(struct http_exchange *ex, void *context)
{
    const struct service *s = context;
    order(ex, s->models, models_load);
}

void repository_unload(struct http_exchange *ex, void *context)
{
    const struct service *s = context;
    struct error err = {0};
    if (s->may_unload) {
        order(ex, s->models, models_unload);
        return;
    }
    error_set(&err, ERROR_FORBIDDEN,
              "this server was not started with --model-unload 1, so clients may not unload its "
              "model");
    problem_reply(ex, &err);
}

/*
 * Requests to the model repository. Any thread; no state.
 */
#include "server/openinference.h"
#include "server/openinference/fields.h"

static bool read_body(const char *body, size_t len, const struct field *field, void *target,
                      struct error *err)
{
    struct pull p;
    if (len == 0)
        return true;
    pull_start(&p, body, len, err);
    const bool good = fields_read(&p, "the body", field, 1, target) && pull_end(&p);
    pull_stop(&p);
    if (!good)
        pull_blame(body, len, err);
    return good;
}

static bool read_ready(struct pull *p, void *target)
{
    return pull_boolean(p, target, "'ready'");
}

bool openinference_read_index(bool *ready_only, const char *body, size_t len, struct error *err)
{
    static const struct field ready = {"ready", read_ready, false};
    *ready_only = false;
    return read_body(body, len, &ready, ready_only, err);
}

static bool refuse_config(struct pull *p, void *target)
{
    (void)target;
    return error_set(p->err, ERROR_WRONG_SHAPE,
                     "the model is loaded as its card says; it takes no 'config'");
}

static bool read_parameters(struct pull *p, void *target)
{
    static const struct field config = {"config", refuse_config, false};
    return fields_read(p, "'parameters'", &config, 1, target);
}

bool openinference_read_order(const char *body, size_t len, struct error *err)
{
    static const struct field parameters = {"parameters", read_parameters, false};
    return read_body(body, len, &parameters, NULL, err);
}

/*
 * The wire's JSON written. Any thread; no state. Knows nothing of base64, pictures, engines or
 * HTTP.
 *
 * Answers are written by hand: their shape is fixed, and a tree of ten numbers would cost more to
 * build than the numbers cost to print.
 */
#include "server/api.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/digit.h"
#include "model/document.h"
#include "server/text.h"

static void write_field(struct text *t, const char *before, const char *value)
{
    text_string(t, before);
    text_quoted(t, value);
}

static void write_model(struct text *t, const struct api_model *model)
{
    write_field(t, "\"model\":{\"name\":", model->name);
    write_field(t, ",\"version\":", model->version);
    text_string(t, "}");
}

bool api_check(const float *probabilities, size_t count, struct error *err)
{
    for (size_t i = 0; i < count * DIGIT_CLASSES; i++)
        if (!isfinite(probabilities[i]))
            return error_set(err, ERROR_ENGINE,
                             "a probability is not a finite number; the weights may hold such "
                             "numbers, train the model again");
    return true;
}

size_t api_best(const float *probabilities)
{
    size_t best = 0;
    for (size_t i = 1; i < DIGIT_CLASSES; i++)
        if (probabilities[i] > probabilities[best])
            best = i;
    return best;
}

static void write_size(struct text *t, const char *before, size_t value)
{
    text_string(t, before);
    text_integer(t, value);
}

/* The members of the index-th prediction. */
static void write_prediction(struct text *t, const struct api_answer *a, size_t index,
                             const struct confidence *how)
{
    const float *probabilities = a->probabilities + index * DIGIT_CLASSES;
    const size_t best = api_best(probabilities);
    const float confidence = confidence_of(how, probabilities);
    text_string(t, "\"prediction\":");
    text_integer(t, best);
    text_string(t, ",\"confidence\":");
    text_number(t, confidence);
    if (confidence_is_uncertain(how, confidence))
        text_string(t, ",\"uncertain\":true");
    text_string(t, ",\"probabilities\":");
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        text_append(t, i == 0 ? "[" : ",", 1);
        text_number(t, probabilities[i]);
    }
    text_string(t, "]");
    if (a->inputs == NULL)
        return;
    text_string(t, ",\"input\":\"");
    text_append(t, a->inputs + index * a->input_len, a->input_len);
    text_string(t, "\"");
}

/* The digits of a picture, of which `first` is the first. */
static void write_digits(struct text *t, const struct api_answer *a, size_t first, size_t count,
                         const struct confidence *how)
{
    text_string(t, "\"digits\":[");
    for (size_t i = first; i < first + count; i++) {
        const struct api_box *box = &a->boxes[i];
        write_size(t, i == first ? "{\"box\":{\"x\":" : ",{\"box\":{\"x\":", box->x);
        write_size(t, ",\"y\":", box->y);
        write_size(t, ",\"width\":", box->width);
        write_size(t, ",\"height\":", box->height);
        text_string(t, "},");
        write_prediction(t, a, i, how);
        text_string(t, "}");
    }
    text_string(t, "]");
}

bool api_write_prediction(char **out, size_t *len, const struct api_answer *a,
                          const struct api_model *model, struct error *err)
{
    if (!api_check(a->probabilities, a->count, err))
        return false;
    struct text t = {0};
    size_t first = 0, pictures = a->digits != NULL ? a->pictures : a->count;
    text_string(&t, a->many ? "{\"predictions\":[" : "{");
    for (size_t i = 0; i < pictures; i++) {
        if (a->many)
            text_string(&t, i == 0 ? "{" : ",{");
        if (a->digits != NULL)
            write_digits(&t, a, first, a->digits[i], &model->confidence);
        else
            write_prediction(&t, a, i, &model->confidence);
        if (a->many)
            text_string(&t, "}");
        first += a->digits != NULL ? a->digits[i] : 1;
    }
    text_string(&t, a->many ? "]," : ",");
    write_model(&t, model);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

/* The members that the table gives every error of a code. */
static void write_problem_type(struct text *t, enum error_code code)
{
    text_string(t, "{\"type\":\"/problems#");
    text_string(t, error_name(code));
    write_field(t, "\",\"title\":", error_title(code));
    text_string(t, ",\"status\":");
    text_integer(t, (size_t)error_status(code));
}

bool api_write_problem(char **out, size_t *len, const struct error *problem, struct error *err)
{
    struct text t = {0};
    write_problem_type(&t, problem->code);
    write_field(&t, ",\"detail\":", problem->text);
    write_field(&t, ",\"error\":", problem->text);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool api_write_problems(char **out, size_t *len, struct error *err)
{
    struct text t = {0};
    for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
        text_string(&t, code == ERROR_NONE + 1 ? "[" : ",");
        write_problem_type(&t, code);
        text_string(&t, "}");
    }
    text_string(&t, "]\n");
    return text_take(&t, out, len, err);
}

/* ISO 8601, as RFC 3339 has it. */
static void write_time(struct text *t, const char *before, time_t time)
{
    char value[32];
    struct tm parts;
    gmtime_r(&time, &parts);
    (void)strftime(value, sizeof value, "%Y-%m-%dT%H:%M:%SZ", &parts);
    write_field(t, before, value);
}

static void write_source(struct text *t, const struct api_source *source)
{
    write_field(
        t, source->is_url ? "\"source\":{\"url\":" : "\"source\":{\"path\":", source->location);
    write_field(t, ",\"state\":", source->is_current ? "current" : "stale");
    write_time(t, ",\"since\":", source->since);
    write_time(t, ",\"loaded_at\":", source->loaded);
    write_time(t, ",\"checked_at\":", source->checked);
    if (source->error != NULL)
        write_field(t, ",\"error\":", source->error);
    else
        text_string(t, ",\"error\":null");
    text_string(t, "}");
}

bool api_write_model(char **out, size_t *len, const char *card, const char *engine_name,
                     const char *engine_description, const struct api_source *source,
                     struct error *err)
{
    struct error why = {0};
    json_t *document = document_read(card, strlen(card), &why);
    if (!json_is_object(document)) {
        json_decref(document);
        return error_set(err, why.code == ERROR_OUT_OF_MEMORY ? why.code : ERROR_BAD_MODEL,
                         "the model card is no JSON object: %s", why.text);
    }
    char *json = NULL;
    json_t *engine =
        json_pack("{s:s, s:s}", "name", engine_name, "description", engine_description);
    (void)json_object_del(document, "source");
    if (json_object_set_new(document, "engine", engine) == 0)
        json = document_write(document, JSON_COMPACT | JSON_REAL_PRECISION(DBL_DIG), err);
    json_decref(document);
    if (json == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the model card");
    /* The source is appended by hand: jansson refuses texts that are no UTF-8, as paths may be. */
    struct text t = {0};
    text_append(&t, json, strlen(json) - 1);
    text_string(&t, ",");
    write_source(&t, source);
    text_string(&t, "}\n");
    free(json);
    return text_take(&t, out, len, err);
}

bool api_write_health(char **out, size_t *len, const struct api_model *model, const char *engine,
                      struct error *err)
{
    struct text t = {0};
    text_string(&t, "{\"status\":\"ok\",");
    write_model(&t, model);
    write_field(&t, ",\"engine\":", engine);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool api_write_ready(char **out, size_t *len, const struct api_source *source, struct error *err)
{
    struct text t = {0};
    text_string(&t, "{\"status\":\"ready\"");
    if (!source->is_current) {
        text_string(&t, ",");
        write_source(&t, source);
    }
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool api_write_status(char **out, size_t *len, const char *status, struct error *err)
{
    struct text t = {0};
    write_field(&t, "{\"status\":", status);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool api_write_version(char **out, size_t *len, const char *name, const char *version,
                       struct error *err)
{
    struct text t = {0};
    write_field(&t, "{\"name\":", name);
    write_field(&t, ",\"version\":", version);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

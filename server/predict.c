/*
 * The story of a prediction. Runs on the exchange's loop; `finish` runs where the batch is done.
 */
#include "server/predict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/canvas.h"
#include "model/digit.h"
#include "server/admission.h"
#include "server/api.h"
#include "server/content.h"
#include "server/notes.h"
#include "server/openinference.h"
#include "server/predict/pictures.h"
#include "server/problem.h"
#include "server/service.h"

/* One request between its arrival and its answer. */
struct prediction {
    struct batch_job job; /* first, so that a job is its prediction */
    struct http_exchange *exchange;
    const struct protocol *protocol;
    int64_t began_ns;
    bool many; /* these five are POST /predict's */
    struct api_options options;
    size_t pictures;
    size_t *digits;        /* of each picture, where they are segmented; else NULL, as are */
    struct api_box *boxes; /* of each digit */
    struct openinference_form form; /* V1 and V2 only */
    float *pixels;                  /* these two lie behind the struct */
    float *probabilities;
};

/* How requests and answers are put into words. */
struct protocol {
    /* Makes the prediction that is asked for; NULL on failure. */
    struct prediction *(*read)(const struct service *s, const struct http_exchange *ex,
                               struct error *err);
    /* Replies, unless it fails. */
    bool (*write)(const struct prediction *p, const struct api_model *model, struct error *err);
};

/* ---- the way in ---- */
static struct prediction *prediction_new(size_t count, struct error *err)
{
    const size_t floats = count * (DIGIT_PIXELS + DIGIT_CLASSES);
    struct prediction *p = malloc(sizeof *p + floats * sizeof(float));
    if (p == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for %zu images", count);
        return NULL;
    }
    *p = (struct prediction){.job.count = count};
    p->pixels = (float *)(p + 1);
    p->probabilities = p->pixels + count * DIGIT_PIXELS;
    p->job.pixels = p->pixels;
    p->job.probabilities = p->probabilities;
    return p;
}

static void prediction_free(struct prediction *p)
{
    if (p == NULL)
        return;
    openinference_form_free(&p->form);
    free(p->digits);
    free(p->boxes);
    free(p);
}

/* A prediction for each picture. */
static struct prediction *read_images(const struct api_images *images, struct error *err)
{
    struct prediction *p = prediction_new(images->count, err);
    if (p == NULL)
        return NULL;
    if (!pictures_read(p->pixels, images, err)) {
        prediction_free(p);
        return NULL;
    }
    p->many = images->many;
    p->options = images->options;
    return p;
}

/* ---- digits by themselves ---- */

/* A prediction for `total` digits, found on `count` pictures, one at least on each. */
static struct prediction *gather(const struct canvas_digits *found, size_t count, size_t total,
                                 struct error *err)
{
    struct prediction *p = prediction_new(total, err);
    if (p == NULL)
        return NULL;
    p->digits = malloc(count * sizeof *p->digits);
    p->boxes = malloc(total * sizeof *p->boxes); /* NOLINT(clang-analyzer-optin*) */
    if (p->digits == NULL || p->boxes == NULL) {
        prediction_free(p);
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for %zu digits", total);
        return NULL;
    }
    for (size_t i = 0, at = 0; i < count; i++) {
        p->digits[i] = found[i].count;
        for (size_t k = 0; k < found[i].count; k++, at++) {
            const struct canvas_digit *digit = &found[i].list[k];
            const struct canvas_box *box = &digit->box;
            p->boxes[at] = (struct api_box){box->x, box->y, box->width, box->height};
            memcpy(p->pixels + at * DIGIT_PIXELS, digit->pixels, sizeof digit->pixels);
        }
    }
    p->pictures = count;
    return p;
}

/* A prediction for each digit of each picture. */
static struct prediction *segment_images(const struct api_images *images, struct error *err)
{
    struct prediction *p = NULL;
    size_t total = 0;
    struct canvas_digits *found = calloc(images->count, sizeof *found);
    if (found == NULL) {
        error_set(err, ERROR_OUT_OF_MEMORY, "no memory for %zu pictures", images->count);
        return NULL;
    }
    if (pictures_segment(found, &total, images, err))
        p = gather(found, images->count, total, err);
    for (size_t i = 0; i < images->count; i++)
        canvas_digits_free(&found[i]);
    free(found);
    if (p != NULL) {
        p->many = images->many;
        p->options = images->options;
    }
    return p;
}

/* ---- POST /predict ---- */

/* What the query says goes before what the body says. */
static bool read_query(struct api_options *o, const struct http_exchange *ex, struct error *err)
{
    const char *name;
    for (size_t i = 0; (name = api_option_name(i)) != NULL; i++) {
        const char *value = http_query(ex, name);
        if (value != NULL && !api_read_option(o, name, value, err))
            return false;
    }
    return true;
}

static bool read_body(struct api_images *out, const struct service *s,
                      const struct http_exchange *ex, struct error *err)
{
    size_t len = 0;
    const char *body = http_body(ex, &len);
    if (content_of(ex) == CONTENT_JSON)
        return api_read_predict(out, body, len, s->images_max, err);
    *out = (struct api_images){.one = {body, len, true}, .count = 1};
    out->list = &out->one;
    return true;
}

static struct prediction *read_own(const struct service *s, const struct http_exchange *ex,
                                   struct error *err)
{
    struct api_images images;
    struct prediction *p = NULL;
    if (!read_body(&images, s, ex, err))
        return NULL;
    if (read_query(&images.options, ex, err))
        p = images.options.segment ? segment_images(&images, err) : read_images(&images, err);
    api_images_free(&images);
    return p;
}

static bool write_inputs(char **out, const struct prediction *p, size_t len, struct error *err)
{
    *out = NULL;
    if (!p->options.include_input)
        return true;
    *out = malloc(p->job.count * len);
    if (*out == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for %zu inputs", p->job.count);
    for (size_t i = 0; i < p->job.count; i++)
        pictures_write_input(*out + i * len, p->pixels + i * DIGIT_PIXELS);
    return true;
}

static bool write_own(const struct prediction *p, const struct api_model *model, struct error *err)
{
    char *body = NULL, *inputs;
    size_t len = 0;
    const size_t input_len = pictures_input_len();
    if (!write_inputs(&inputs, p, input_len, err))
        return false;
    const struct api_answer answer = {p->probabilities, p->job.count, p->many,     inputs,
                                      input_len,        p->digits,    p->pictures, p->boxes};
    bool good = api_write_prediction(&body, &len, &answer, model, err);
    free(inputs);
    if (good)
        http_reply(p->exchange, 200, "application/json", body, len);
    return good;
}

static const struct protocol own = {read_own, write_own};

/* ---- Open Inference Protocol, V1 and V2 ---- */

/* Takes the request. */
static struct prediction *read_request(struct openinference_request *request, struct error *err)
{
    struct prediction *p = request->pixels != NULL ? prediction_new(request->count, err)
                                                   : read_images(&request->images, err);
    if (p != NULL && request->pixels != NULL)
        memcpy(p->pixels, request->pixels, request->count * DIGIT_PIXELS * sizeof *p->pixels);
    if (p != NULL) {
        p->form = request->form;
        request->form = (struct openinference_form){0};
    }
    openinference_free(request);
    return p;
}

static struct prediction *read_v2(const struct service *s, const struct http_exchange *ex,
                                  struct error *err)
{
    struct openinference_request request;
    struct openinference_body body = {.json_len = http_header(ex, OPENINFERENCE_HEADER_LENGTH)};
    body.bytes = http_body(ex, &body.len);
    return openinference_read_v2(&request, &body, s->images_max, err) ? read_request(&request, err)
                                                                      : NULL;
}

static struct prediction *read_v1(const struct service *s, const struct http_exchange *ex,
                                  struct error *err)
{
    struct openinference_request request;
    struct openinference_body body = {0};
    body.bytes = http_body(ex, &body.len);
    return openinference_read_v1(&request, &body, s->images_max, err) ? read_request(&request, err)
                                                                      : NULL;
}

static bool write_v2(const struct prediction *p, const struct api_model *model, struct error *err)
{
    const struct openinference_answer answer = {p->probabilities, p->job.count, model};
    char *body = NULL, json_len_text[24];
    size_t len = 0, json_len = 0;
    if (!openinference_write_v2(&body, &len, &json_len, &answer, &p->form, err))
        return false;
    (void)snprintf(json_len_text, sizeof json_len_text, "%zu", json_len);
    if (json_len < len)
        http_reply_header(p->exchange, OPENINFERENCE_HEADER_LENGTH, json_len_text);
    http_reply(p->exchange, 200, json_len < len ? "application/octet-stream" : "application/json",
               body, len);
    return true;
}

static bool write_v1(const struct prediction *p, const struct api_model *model, struct error *err)
{
    const struct openinference_answer answer = {p->probabilities, p->job.count, model};
    char *body = NULL;
    size_t len = 0;
    if (!openinference_write_v1(&body, &len, &answer, &p->form, err))
        return false;
    http_reply(p->exchange, 200, "application/json", body, len);
    return true;
}

static const struct protocol v1 = {read_v1, write_v1}, v2 = {read_v2, write_v2};

/* ---- the way through ---- */

/* For the counters and the log. */
static void note(const struct prediction *p)
{
    struct notes *notes = notes_of(p->exchange);
    notes->predicted = true;
    notes->decode_ns = p->job.submitted_ns - p->began_ns;
    notes->queue_ns = http_waited_ns(p->exchange) + p->job.queue_ns;
    notes->compute_ns = p->job.compute_ns;
    for (size_t i = 0; i < p->job.count; i++)
        notes->digits[api_best(p->probabilities + i * DIGIT_CLASSES)]++;
    notes_tell_timing(p->exchange);
}

static void finish(struct batch_job *job, const void *held, const struct error *failure)
{
    struct prediction *p = (struct prediction *)job;
    const struct served *served = held;
    struct error err = failure != NULL ? *failure : (struct error){0};
    if (failure == NULL) {
        const struct model *model = &served->generation->model;
        const struct api_model about = {model->name, model->version, model->confidence};
        note(p);
        (void)!p->protocol->write(p, &about, &err);
    }
    if (err.code != ERROR_NONE)
        problem_reply(p->exchange, &err);
    prediction_free(p);
}

static void handle(struct http_exchange *ex, const struct service *s,
                   const struct protocol *protocol)
{
    const int64_t began_ns = batcher_now_ns();
    struct error err = {0};
    struct prediction *p = admission_is_in_time(ex, &err) ? protocol->read(s, ex, &err) : NULL;
    if (p == NULL) {
        problem_reply(ex, &err);
        return;
    }
    p->exchange = ex;
    p->protocol = protocol;
    p->began_ns = began_ns;
    p->job.done = finish;
    p->job.timeout_ns = admission_timeout_ns(ex, s);
    if (batcher_is_deferred(s->batcher))
        http_defer(ex);
    if (!batcher_submit(s->batcher, http_loop(ex), &p->job, &err))
        finish(&p->job, NULL, &err);
}

void predict_handle(struct http_exchange *ex, void *context)
{
    handle(ex, context, &own);
}

void predict_handle_v1(struct http_exchange *ex, void *context)
{
    handle(ex, context, &v1);
}

void predict_handle_v2(struct http_exchange *ex, void *context)
{
    handle(ex, context, &v2);
}

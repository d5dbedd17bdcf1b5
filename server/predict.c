/*
 * The story of a prediction. Runs on the exchange's loop; `finish` runs where the batch is done.
 */
#include "server/predict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/base64.h"
#include "model/canvas.h"
#include "model/digit.h"
#include "model/image.h"
#include "server/api.h"
#include "server/notes.h"
#include "server/openinference.h"
#include "server/problem.h"
#include "server/service.h"

/* One request between its arrival and its answer. */
struct prediction {
    struct batch_job job; /* first, so that a job is its prediction */
    struct http_exchange *exchange;
    const struct protocol *protocol;
    int64_t began_ns;
    bool many;                      /* POST /predict only */
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

/* ---- content types ---- */

enum body_kind { BODY_JSON, BODY_PICTURE };

struct body_type {
    const char *name;
    enum body_kind kind;
};

static const struct body_type body_types[] = {
    {"application/json", BODY_JSON},
    {"image/png", BODY_PICTURE},
    {"image/jpeg", BODY_PICTURE},
    {"image/bmp", BODY_PICTURE},
};

/* Parameters, such as a charset, are of no consequence to these types. */
static const struct body_type *body_type_of(const struct http_exchange *ex)
{
    const char *value = http_header(ex, "Content-Type");
    const size_t len = value == NULL ? 0 : strcspn(value, "; \t");
    for (size_t i = 0; i < sizeof body_types / sizeof *body_types; i++)
        if (strlen(body_types[i].name) == len && strncasecmp(body_types[i].name, value, len) == 0)
            return &body_types[i];
    return NULL;
}

bool predict_admit(const struct http_exchange *ex, struct error *err)
{
    if (body_type_of(ex) != NULL)
        return true;
    const char *value = http_header(ex, "Content-Type");
    return error_set(err, ERROR_UNSUPPORTED_MEDIA_TYPE,
                     "the Content-Type is %s%.60s%s; send application/json, image/png, image/jpeg "
                     "or image/bmp",
                     value == NULL ? "missing" : "'", value == NULL ? "" : value,
                     value == NULL ? "" : "'");
}

bool predict_admit_json(const struct http_exchange *ex, struct error *err)
{
    const char *coding = http_header(ex, "Content-Encoding");
    return coding == NULL || strcasecmp(coding, "identity") == 0 ||
           error_set(err, ERROR_UNSUPPORTED_MEDIA_TYPE,
                     "the Content-Encoding is '%.60s'; send the body as it is", coding);
}

/* ---- the way in ---- */

static bool read_picture(float pixels[DIGIT_PIXELS], const uint8_t *file, size_t len,
                         struct error *err)
{
    struct picture picture = {0};
    if (!image_decode(&picture, file, len, err))
        return false;
    bool good = canvas_normalise(pixels, &picture, CANVAS_AUTO, err);
    image_free(&picture);
    return good;
}

static bool read_image(float pixels[DIGIT_PIXELS], const struct api_image *image, struct error *err)
{
    size_t len = 0;
    if (image->is_file)
        return read_picture(pixels, (const uint8_t *)image->base64, image->len, err);
    uint8_t *file = malloc(base64_room(image->len));
    if (file == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for a picture");
    bool good = base64_decode(file, &len, image->base64, image->len, err) &&
                read_picture(pixels, file, len, err);
    free(file);
    return good;
}

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

static struct prediction *read_images(const struct api_images *images, struct error *err)
{
    struct prediction *p = prediction_new(images->count, err);
    if (p == NULL)
        return NULL;
    p->many = images->many;
    for (size_t i = 0; i < images->count; i++) {
        if (read_image(p->pixels + i * DIGIT_PIXELS, &images->list[i], err))
            continue;
        api_blame(err, images, i);
        free(p);
        return NULL;
    }
    return p;
}

static void prediction_free(struct prediction *p)
{
    openinference_form_free(&p->form);
    free(p);
}

/* ---- POST /predict ---- */

static struct prediction *read_json(const struct service *s, const char *body, size_t len,
                                    struct error *err)
{
    struct api_images images = {0};
    if (!api_read_predict(&images, body, len, s->images_max, err))
        return NULL;
    struct prediction *p = read_images(&images, err);
    api_images_free(&images);
    return p;
}

static struct prediction *read_file(const char *body, size_t len, struct error *err)
{
    struct prediction *p = prediction_new(1, err);
    if (p == NULL || read_picture(p->pixels, (const uint8_t *)body, len, err))
        return p;
    free(p);
    return NULL;
}

static struct prediction *read_own(const struct service *s, const struct http_exchange *ex,
                                   struct error *err)
{
    size_t len = 0;
    const char *body = http_body(ex, &len);
    return body_type_of(ex)->kind == BODY_JSON ? read_json(s, body, len, err)
                                               : read_file(body, len, err);
}

static bool write_own(const struct prediction *p, const struct api_model *model, struct error *err)
{
    char *body = NULL;
    size_t len = 0;
    if (!api_write_prediction(&body, &len, p->probabilities, p->job.count, p->many, model, err))
        return false;
    http_reply(p->exchange, 200, "application/json", body, len);
    return true;
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
    notes->queue_ns = p->job.queue_ns;
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
    struct prediction *p = protocol->read(s, ex, &err);
    if (p == NULL) {
        problem_reply(ex, &err);
        return;
    }
    p->exchange = ex;
    p->protocol = protocol;
    p->began_ns = began_ns;
    p->job.done = finish;
    p->job.timeout_ns = s->timeout_ns;
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

/*
 * The story of a prediction. Runs on the exchange's loop; `finish` runs where the batch is done.
 */
#include "server/predict.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/base64.h"
#include "model/canvas.h"
#include "model/digit.h"
#include "model/image.h"
#include "server/api.h"
#include "server/notes.h"
#include "server/problem.h"
#include "server/service.h"

/* One request between its arrival and its answer. */
struct prediction {
    struct batch_job job; /* first, so that a job is its prediction */
    struct http_exchange *exchange;
    bool many;
    int64_t began_ns;
    float *pixels; /* these two lie behind the struct */
    float *probabilities;
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

static bool read_base64(float pixels[DIGIT_PIXELS], const struct api_image *image,
                        struct error *err)
{
    size_t len = 0;
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
        if (read_base64(p->pixels + i * DIGIT_PIXELS, &images->list[i], err))
            continue;
        api_blame(err, images, i);
        free(p);
        return NULL;
    }
    return p;
}

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

/* ---- the way out ---- */

static bool write_answer(char **body, size_t *len, const struct prediction *p,
                         const struct served *served, struct error *err)
{
    const struct model *model = &served->generation->model;
    const struct api_model about = {model->name, model->version};
    return api_write_prediction(body, len, p->probabilities, p->job.count, p->many, &about, err);
}

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

static void finish(struct batch_job *job, const void *served, const struct error *failure)
{
    struct prediction *p = (struct prediction *)job;
    struct error err = {0};
    char *body = NULL;
    size_t len = 0;
    if (failure == NULL)
        note(p);
    if (failure != NULL)
        problem_reply(p->exchange, failure);
    else if (write_answer(&body, &len, p, served, &err))
        http_reply(p->exchange, 200, "application/json", body, len);
    else
        problem_reply(p->exchange, &err);
    free(p);
}

void predict_handle(struct http_exchange *ex, void *context)
{
    const struct service *s = context;
    const int64_t began_ns = batcher_now_ns();
    struct error err = {0};
    size_t len = 0;
    const char *body = http_body(ex, &len);
    struct prediction *p = body_type_of(ex)->kind == BODY_JSON ? read_json(s, body, len, &err)
                                                               : read_file(body, len, &err);
    if (p == NULL) {
        problem_reply(ex, &err);
        return;
    }
    p->exchange = ex;
    p->began_ns = began_ns;
    p->job.done = finish;
    p->job.timeout_ns = s->timeout_ns;
    if (batcher_is_deferred(s->batcher))
        http_defer(ex);
    if (!batcher_submit(s->batcher, http_loop(ex), &p->job, &err))
        finish(&p->job, NULL, &err);
}

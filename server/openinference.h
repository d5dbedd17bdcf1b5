/*
 * The Open Inference Protocol (KServe, "Open Inference Protocol", version 2, REST) with its binary
 * tensor data extension, and the V1 protocol that TensorFlow Serving and KServe share: JSON <->
 * structs.
 *
 * The model has one input. It is pixels, N x 784 of them in any of the usual shapes (FP32 from 0 to
 * 1, UINT8 from 0 to 255; white strokes on black), or N pictures as files (BYTES). It has two
 * outputs: the probabilities (FP32, N x 10) and the predicted digits (INT64, N).
 */
#ifndef DIGIT_OPENINFERENCE_H
#define DIGIT_OPENINFERENCE_H

#include "server/api.h"
#include "server/pull.h"

#define OPENINFERENCE_HEADER_LENGTH "Inference-Header-Content-Length"

enum openinference_output { OPENINFERENCE_PROBABILITIES, OPENINFERENCE_PREDICTION };

enum { OPENINFERENCE_OUTPUTS = 2 };

/* How the answer is to look. */
struct openinference_form {
    char *id;            /* V2: the request's; owned; NULL: it has none */
    size_t output_count; /* V2: and which outputs it wants, in its order */
    struct {
        enum openinference_output output;
        bool is_binary;
    } outputs[OPENINFERENCE_OUTPUTS];
    bool by_columns; /* V1: asked with "inputs", so answered with "outputs" */
};

/* What a client asks for. Do not move. */
struct openinference_request {
    struct api_images images; /* either these */
    float *pixels;            /* or these, 0..1; owned */
    size_t count;             /* of images */
    struct openinference_form form;
    struct pull text; /* what `images` lend from */
};

/* What is behind the JSON of a body, for the binary tensor data extension. */
struct openinference_body {
    const char *bytes;
    size_t len;
    const char *json_len; /* the field OPENINFERENCE_HEADER_LENGTH; NULL: all of it is JSON */
};

/* Fill *out from the body, which must stay as it is until openinference_free. On failure *out is
 * empty. Any thread. */
bool openinference_read_v2(struct openinference_request *out, const struct openinference_body *body,
                           size_t count_max, struct error *err) MUST_CHECK;
bool openinference_read_v1(struct openinference_request *out, const struct openinference_body *body,
                           size_t count_max, struct error *err) MUST_CHECK;

/* Read the body of a request to the model repository, which may be empty. *ready_only: models that
 * are not ready are not asked for. An order with a configuration of its own is refused. */
bool openinference_read_index(bool *ready_only, const char *body, size_t len,
                              struct error *err) MUST_CHECK;
bool openinference_read_order(const char *body, size_t len, struct error *err) MUST_CHECK;

/* Accepts an empty one. */
void openinference_free(struct openinference_request *request);
void openinference_form_free(struct openinference_form *form);

/* What comes out: count x 10 probabilities. All lent. */
struct openinference_answer {
    const float *probabilities;
    size_t count;
    const struct api_model *model;
};

/* Each writes a document, as those of api.h do. Fail with ERROR_ENGINE when a probability is not
 * finite. *json_len is how much of the answer is JSON; the rest is binary tensor data. */
bool openinference_write_v2(char **out, size_t *len, size_t *json_len,
                            const struct openinference_answer *answer,
                            const struct openinference_form *form, struct error *err) MUST_CHECK;
bool openinference_write_v1(char **out, size_t *len, const struct openinference_answer *answer,
                            const struct openinference_form *form, struct error *err) MUST_CHECK;

/* {"error": "..."} */
bool openinference_write_error(char **out, size_t *len, const struct error *problem,
                               struct error *err) MUST_CHECK;

/* What the server says about itself, and about its model while there is one. */
bool openinference_write_server(char **out, size_t *len, const char *name, const char *version,
                                struct error *err) MUST_CHECK;
bool openinference_write_live(char **out, size_t *len, struct error *err) MUST_CHECK;

enum openinference_document {
    OPENINFERENCE_READY,       /* GET /v2/health/ready */
    OPENINFERENCE_MODEL,       /* GET /v2/models/{model} */
    OPENINFERENCE_MODEL_READY, /* GET /v2/models/{model}/ready */
    OPENINFERENCE_INDEX,       /* POST /v2/repository/index */
    OPENINFERENCE_V1_MODELS,   /* GET /v1/models */
    OPENINFERENCE_V1_MODEL,    /* GET /v1/models/{model} */
};
bool openinference_write_document(char **out, size_t *len, enum openinference_document document,
                                  const struct api_model *model, struct error *err) MUST_CHECK;

/* OPENINFERENCE_INDEX while there is no model, with the name of the one that there was; when that
 * is empty, there is nothing in it. */
bool openinference_write_index(char **out, size_t *len, const char *name,
                               const struct error *reason, struct error *err) MUST_CHECK;

#endif

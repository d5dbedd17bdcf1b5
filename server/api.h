/*
 * The wire's JSON <-> structs. The document of record is openapi/openapi.yaml.
 */
#ifndef DIGIT_API_H
#define DIGIT_API_H

#include <stddef.h>
#include <time.h>

#include "model/confidence.h"
#include "model/error.h"

/* The base64 of one picture, the head of a data: URL taken off; not yet looked at. */
struct api_image {
    const char *base64;
    size_t len;
    bool is_file; /* no base64: the picture's own bytes */
};

enum api_mode { API_AUTO, API_MNIST, API_NONE };

/* How pictures are to be taken, and what is to be said of them. */
struct api_options {
    enum api_mode mode;
    bool segment;       /* each digit of a picture by itself */
    bool include_input; /* the picture that the network saw */
};

/* What a client asks POST /predict. */
struct api_images {
    struct api_image *list; /* lent by this struct until api_images_free; do not move the struct */
    struct api_image one;   /* the list where there is one picture */
    size_t count;
    bool many;          /* asked as "images", so answered as "predictions" */
    const char *called; /* what the client calls the list, "images"; lent */
    struct api_options options;
    char *copies; /* owned: the texts that have escapes in the body */
};

/* Fills *out from the JSON body of POST /predict, which must stay as it is until api_images_free.
 * On failure *out is empty. Any thread. */
bool api_read_predict(struct api_images *out, const char *body, size_t len, size_t count_max,
                      struct error *err) MUST_CHECK;

/* The options as query parameters: their names, and NULL after the last; and what one of them says.
 * Fails with ERROR_BAD_ARGUMENT. Any thread. */
const char *api_option_name(size_t index);
bool api_read_option(struct api_options *o, const char *name, const char *value,
                     struct error *err) MUST_CHECK;

/* Takes the head of a data: URL off a picture's text, and checks that there is more. `what` names
 * it in errors. Any thread. */
bool api_read_text(struct api_image *image, const char *what, struct error *err) MUST_CHECK;

/* Puts "images[3]: " before the text of an error about the index-th picture, if there are many.
 * Returns false. */
bool api_blame(struct error *err, const struct api_images *images, size_t index);

/* Accepts an empty one. */
void api_images_free(struct api_images *images);

/* What an answer says about the model, and what it is based on. The texts are lent. */
struct api_model {
    const char *name;
    const char *version;
    struct confidence confidence;
};

/* Where the model comes from, and whether what is served is what is there. Both lent. */
struct api_source {
    const char *location;
    bool is_url; /* else a path */
    bool is_current;
    time_t since; /* it is, or is not */
    time_t loaded;
    time_t checked;
    const char *error; /* NULL: none */
};

/* Each writes a JSON document, one line, into *out (malloc; the caller frees) and its length into
 * *len, which does not count the NUL behind it. Any thread. */

/* Where a digit is on its picture, in pixels. */
struct api_box {
    size_t x, y, width, height;
};

/* What is answered to POST /predict. All lent. */
struct api_answer {
    const float *probabilities; /* count x 10 */
    size_t count;
    bool many;            /* a list, as it was asked */
    const char *inputs;   /* what the network saw as data: URLs, one behind the other; or NULL */
    size_t input_len;     /* of one of them */
    const size_t *digits; /* how many of them each picture has; NULL: each is a picture's */
    size_t pictures;      /* with digits */
    const struct api_box *boxes; /* with digits */
};

/* Fails with ERROR_ENGINE when a probability is not finite. */
bool api_write_prediction(char **out, size_t *len, const struct api_answer *answer,
                          const struct api_model *model, struct error *err) MUST_CHECK;

/* Whether all count x 10 probabilities are finite; ERROR_ENGINE. */
bool api_check(const float *probabilities, size_t count, struct error *err) MUST_CHECK;

/* The most probable of ten; of two that are equally so, the smaller. */
size_t api_best(const float *probabilities);

/* An error as RFC 9457's problem details. */
bool api_write_problem(char **out, size_t *len, const struct error *problem,
                       struct error *err) MUST_CHECK;

/* The whole table of errors. */
bool api_write_problems(char **out, size_t *len, struct error *err) MUST_CHECK;

/* The model card, which must be a JSON object, with the engine that runs the model and the source
 * put in. Fails with ERROR_BAD_MODEL. */
bool api_write_model(char **out, size_t *len, const char *card, const char *engine_name,
                     const char *engine_description, const struct api_source *source,
                     struct error *err) MUST_CHECK;

bool api_write_health(char **out, size_t *len, const struct api_model *model, const char *engine,
                      struct error *err) MUST_CHECK;

/* {"status": "ready"}, and the source unless it is current. */
bool api_write_ready(char **out, size_t *len, const struct api_source *source,
                     struct error *err) MUST_CHECK;

/* {"status": "ok"}, or another word. */
bool api_write_status(char **out, size_t *len, const char *status, struct error *err) MUST_CHECK;

bool api_write_version(char **out, size_t *len, const char *name, const char *version,
                       struct error *err) MUST_CHECK;

#endif

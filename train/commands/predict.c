/*
 * digit predict: what is on these pictures? One line for each, in their order. A picture that
 * cannot be read is told on stderr, and the others are still looked at.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/canvas.h"
#include "model/engine.h"
#include "model/image.h"
#include "model/model.h"
#include "train/commands.h"
#include "train/evaluation.h"
#include "train/json.h"

enum { FILE_MAX = 64 * 1024 * 1024, STDIN_CHUNK = 64 * 1024 };

struct predict_options {
    const char *model;
    const char *engine;
    const char *device;
    bool json;
};

static bool read_stdin(uint8_t **out, size_t *len, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    *len = 0;
    do {
        size += size > STDIN_CHUNK ? size : STDIN_CHUNK;
        uint8_t *grown = size <= FILE_MAX ? realloc(bytes, size) : NULL;
        if (grown == NULL) {
            free(bytes);
            return error_set(err, ERROR_FILE, "-: it is longer than a picture may be");
        }
        bytes = grown;
        *len += fread(bytes + *len, 1, size - *len, stdin);
    } while (*len == size);
    if (ferror(stdin)) {
        free(bytes);
        return error_set(err, ERROR_FILE, "-: standard input cannot be read: %s", strerror(errno));
    }
    *out = bytes;
    return true;
}

static bool decode(float pixels[DIGIT_PIXELS], const uint8_t *bytes, size_t len, struct error *err)
{
    struct picture picture;
    if (!image_decode(&picture, bytes, len, err))
        return false;
    bool ok = canvas_normalise(pixels, &picture, CANVAS_AUTO, err);
    image_free(&picture);
    return ok;
}

static bool pixels_of(float pixels[DIGIT_PIXELS], const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len;
    struct error why = {0};
    if (!(strcmp(path, "-") == 0 ? read_stdin(&bytes, &len, err)
                                 : file_read(&bytes, &len, path, FILE_MAX, err)))
        return false;
    bool ok = decode(pixels, bytes, len, &why);
    free(bytes);
    return ok || error_set(err, why.code, "%s: %s", path, why.text);
}

static void print_text(const char *path, const float *probabilities)
{
    size_t digit = evaluation_argmax(probabilities);
    (void)printf("%s: %zu (%.1f%%)\n", path, digit, (double)probabilities[digit] * 100);
}

static void print_json(const char *path, const float *probabilities)
{
    size_t digit = evaluation_argmax(probabilities);
    (void)printf("{\"file\": ");
    json_text(stdout, path);
    /* Nine digits bring a float32 back exactly. */
    (void)printf(", \"prediction\": %zu, \"confidence\": %.9g, \"probabilities\": [", digit,
                 (double)probabilities[digit]);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        (void)printf("%s%.9g", i ? ", " : "", (double)probabilities[i]);
    (void)printf("]}\n");
}

static bool predict_file(struct engine *engine, const char *path, bool json, struct error *err)
{
    float pixels[DIGIT_PIXELS], probabilities[DIGIT_CLASSES];
    if (!pixels_of(pixels, path, err) || !engine_predict(engine, pixels, 1, probabilities, err))
        return false;
    (json ? print_json : print_text)(path, probabilities);
    return true;
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    const struct predict_options *o = arguments;
    const struct engine_options engine_options = {.device = o->device};
    struct model model;
    struct engine *engine = NULL;
    if (!model_load(&model, o->model, err))
        return 1;
    int status = 0;
    if (engine_open(&engine, o->engine, &model.network, model.weights, &engine_options, err)) {
        for (size_t i = 0; i < operand_count; i++) {
            struct error why = {0};
            if (predict_file(engine, operands[i], o->json, &why))
                continue;
            (void)fprintf(stderr, "digit: %s\n", why.text);
            status = 1;
        }
    } else {
        status = 1;
    }
    engine_close(engine);
    model_free(&model);
    return status;
}

#define AT(member) offsetof(struct predict_options, member)

static const struct option_row rows[] = {
    {"model", "FILE", DIGIT_MODEL, "the weights", OPTION_TEXT, AT(model), 0, 0},
    {"engine", "NAME", DIGIT_ENGINE, "what computes", OPTION_TEXT, AT(engine), 0, 0},
    {"device", "NAME", "cpu", "cpu or cuda", OPTION_TEXT, AT(device), 0, 0},
    {"json", NULL, NULL, "print a JSON object a line", OPTION_FLAG, AT(json), 0, 0},
};

const struct command command_predict = {
    .name = "predict",
    .summary = "Say which digit is on each PNG, JPEG or BMP file ('-': standard input)",
    .operands = "FILE...",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .size = sizeof(struct predict_options),
    .run = run,
};

/*
 * digit predict: what is on these pictures? One line for each, in their order. A picture that
 * cannot be read is told on stderr, and the others are still looked at. What predicts is an engine
 * in this process or, with --url, a server.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/canvas.h"
#include "model/image.h"
#include "train/client.h"
#include "train/commands.h"
#include "train/evaluation.h"
#include "train/json.h"
#include "train/plot/terminal.h"
#include "train/subject.h"

enum { FILE_MAX = 64 * 1024 * 1024, STDIN_CHUNK = 64 * 1024, BAR_WIDTH = 32 };

struct predict_options {
    struct subject_options subject;
    struct client_options server; /* with an empty URL, there is none */
    bool bars;
    bool json;
};

/* What predicts: one of the two. */
struct oracle {
    struct subject subject;
    struct client *client;
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
            return size > FILE_MAX
                       ? error_set(err, ERROR_FILE, "-: it is longer than a picture may be")
                       : error_set(err, ERROR_OUT_OF_MEMORY, "there is no memory for the picture");
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

static bool read_file(uint8_t **bytes, size_t *len, const char *path, struct error *err)
{
    return strcmp(path, "-") == 0 ? read_stdin(bytes, len, err)
                                  : file_read(bytes, len, path, FILE_MAX, err);
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

/* The picture as the network sees it, and beside it a bar for each digit. */
static void print_bars(const float *pixels, const float *probabilities)
{
    enum { FIRST = (TERMINAL_ROWS - DIGIT_CLASSES) / 2 };
    const bool colours = terminal_colours(stdout);
    const size_t answer = evaluation_argmax(probabilities);
    uint8_t grey[DIGIT_PIXELS];
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        grey[i] = (uint8_t)lroundf(pixels[i] * UINT8_MAX);
    for (size_t row = 0; row < TERMINAL_ROWS; row++) {
        (void)fputs("  ", stdout);
        terminal_picture_row(stdout, grey, row, colours);
        if (row >= FIRST && row < FIRST + DIGIT_CLASSES) {
            size_t digit = row - FIRST;
            (void)printf("   %zu ", digit);
            terminal_bar(stdout, (double)probabilities[digit], BAR_WIDTH, digit == answer, colours);
            (void)printf(" %5.1f%%", (double)probabilities[digit] * 100);
        }
        (void)putchar('\n');
    }
}

/* Whether the pixels are there as well; without an engine nobody else needs them. */
static bool ask(struct oracle *o, const uint8_t *bytes, size_t len, float pixels[DIGIT_PIXELS],
                float probabilities[DIGIT_CLASSES], bool *has_pixels, struct error *err)
{
    struct error unshown = {0};
    *has_pixels = decode(pixels, bytes, len, o->client != NULL ? &unshown : err);
    return o->client != NULL
               ? client_predict(o->client, bytes, len, probabilities, err)
               : *has_pixels && engine_predict(o->subject.engine, pixels, 1, probabilities, err);
}

static bool predict_file(struct oracle *oracle, const char *path, const struct predict_options *o,
                         struct error *err)
{
    float pixels[DIGIT_PIXELS], probabilities[DIGIT_CLASSES];
    struct error why = {0};
    uint8_t *bytes;
    size_t len;
    bool has_pixels;
    if (!read_file(&bytes, &len, path, err))
        return false;
    bool good = ask(oracle, bytes, len, pixels, probabilities, &has_pixels, &why);
    free(bytes);
    if (!good)
        return error_set(err, why.code, "%s: %s", path, why.text);
    (o->json ? print_json : print_text)(path, probabilities);
    if (!o->json && has_pixels && (o->bars || terminal_is(stdout)))
        print_bars(pixels, probabilities);
    return true;
}

static bool open_oracle(struct oracle *out, const struct predict_options *o, struct error *err)
{
    *out = (struct oracle){0};
    return o->server.url[0] != '\0' ? client_open(&out->client, &o->server, err)
                                    : subject_open(&out->subject, &o->subject, err);
}

static int run(const void *arguments, char *const *operands, size_t operand_count,
               struct error *err)
{
    const struct predict_options *o = arguments;
    struct oracle oracle;
    if (!open_oracle(&oracle, o, err))
        return STATUS_FAILED;
    int status = 0;
    for (size_t i = 0; i < operand_count && status != STATUS_STORE_DOWN; i++) {
        struct error why = {0};
        if (predict_file(&oracle, operands[i], o, &why))
            continue;
        (void)fprintf(stderr, "digit: %s\n", why.text);
        status = why.code == ERROR_STORE_DOWN ? STATUS_STORE_DOWN : STATUS_FAILED;
    }
    client_close(oracle.client);
    subject_close(&oracle.subject);
    return status;
}

#define AT(member) offsetof(struct predict_options, member)

static const struct option_row rows[] = {
    SUBJECT_MODEL_ROW(AT(subject)),
    SUBJECT_ENGINE_ROWS(AT(subject)),
    {"url", "URL", "", "ask the digitd at http://HOST:PORT instead of an engine of our own",
     OPTION_TEXT, AT(server.url), 0, 0},
    {"api-key-file", "FILE", "", "show that server the API key in that file", OPTION_TEXT,
     AT(server.key_file), 0, 0},
    {"ca-file", "FILE", "", "trust these certificates for https://", OPTION_TEXT,
     AT(server.ca_file), 0, 0},
    {"bars", NULL, NULL, "draw the picture and a bar for each digit, as on a terminal", OPTION_FLAG,
     AT(bars), 0, 0},
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

/*
 * How long our engines take for an image, on one thread.
 *
 *     bench_engine MODEL IMAGES        (IMAGES: an IDX file, data/t10k-images-idx3-ubyte)
 *
 * It opens every engine that runs here, says which, and then does what the lines on stdin ask for,
 * each answered with a line of JSON: so bench.py can let it and its rivals take turns.
 *
 *     run ENGINE BATCH digits|dense SECONDS    microseconds an image of each pass over the pictures
 *     peak ISA SECONDS                         billions of float operations a second
 *
 * `digits` are pictures of the file. An engine may save work where they are blank, as it may in
 * service; `dense` are random pixels, where there is nothing to save.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/engine.h"
#include "model/engine_native.h"
#include "model/file.h"
#include "model/model.h"
#include "tests/bench/clock.h"
#include "tests/bench/peak.h"
#include "train/dataset/mnist.h"
#include "train/evaluation.h"
#include "train/json.h"

enum { PICTURES = 128, PASSES_MAX = 256, ENGINES_MAX = 8, FILE_MAX = 64 * 1024 * 1024 };

struct contender {
    char name[32];
    struct engine *engine;
};

struct bench {
    struct contender contenders[ENGINES_MAX];
    size_t count;
    float *digits;
    float *dense;
    float *probabilities;
};

static bool open_engine(struct bench *b, const struct model *m, const char *engine, const char *isa,
                        struct error *err)
{
    struct contender *c = &b->contenders[b->count];
    struct engine_options options = {.isa = isa};
    if (b->count == ENGINES_MAX)
        return error_set(err, ERROR_INTERNAL, "there are more engines than this program has seen");
    (void)snprintf(c->name, sizeof c->name, isa != NULL ? "%s-%s" : "%s", engine, isa);
    if (!engine_open(&c->engine, engine, &m->network, m->weights, &options, err))
        return false;
    b->count++;
    return true;
}

static bool open_engines(struct bench *b, const char *path, struct error *err)
{
    struct model m;
    struct error no_torch = {0};
    bool ok = model_load(&m, path, err);
    const char *isa;
    for (size_t i = 0; ok && (isa = engine_native_isa(i)) != NULL; i++)
        ok = open_engine(b, &m, "native", isa, err);
    if (ok && !open_engine(b, &m, "torch", NULL, &no_torch))
        fprintf(stderr, "bench_engine: without torch: %s\n", no_torch.text);
    model_free(&m);
    return ok;
}

static bool fill_digits(float *out, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t len, count;
    const uint8_t *pixels;
    if (!file_read(&bytes, &len, path, FILE_MAX, err))
        return false;
    bool ok = idx_images(&pixels, &count, bytes, len, err);
    if (ok && count == 0)
        ok = error_set(err, ERROR_BAD_DATA, "%s: it holds no pictures", path);
    for (size_t i = 0; ok && i < PICTURES; i++)
        for (size_t k = 0; k < DIGIT_PIXELS; k++)
            out[i * DIGIT_PIXELS + k] = pixels[i * count / PICTURES * DIGIT_PIXELS + k] / 255.0f;
    free(bytes);
    return ok;
}

static void fill_dense(float *out)
{
    uint32_t state = 1;
    for (size_t i = 0; i < (size_t)PICTURES * DIGIT_PIXELS; i++) {
        state = state * 1664525 + 1013904223;
        out[i] = (float)(state >> 8) / (float)(1 << 24);
    }
}

static bool bench_open(struct bench *b, const char *model, const char *images, struct error *err)
{
    const size_t pixels = (size_t)PICTURES * DIGIT_PIXELS;
    b->digits = malloc(pixels * sizeof(float));
    b->dense = malloc(pixels * sizeof(float));
    b->probabilities = malloc((size_t)PICTURES * DIGIT_CLASSES * sizeof(float));
    if (b->digits == NULL || b->dense == NULL || b->probabilities == NULL)
        return error_set(err, ERROR_OUT_OF_MEMORY, "no memory for the pictures");
    fill_dense(b->dense);
    return fill_digits(b->digits, images, err) && open_engines(b, model, err);
}

static void bench_close(struct bench *b)
{
    for (size_t i = 0; i < b->count; i++)
        engine_close(b->contenders[i].engine);
    free(b->digits);
    free(b->dense);
    free(b->probabilities);
}

static void print_what_there_is(const struct bench *b)
{
    printf("{\"engines\": {");
    for (size_t i = 0; i < b->count; i++) {
        printf("%s", i ? ", " : "");
        json_text(stdout, b->contenders[i].name);
        printf(": ");
        json_text(stdout, engine_describe(b->contenders[i].engine));
    }
    printf("}, \"isas\": [");
    for (size_t i = 0; peak_isa(i) != NULL; i++)
        printf("%s\"%s\"", i ? ", " : "", peak_isa(i));
    printf("]}\n");
}

/* All the pictures, `batch` at a time. */
static bool pass(struct bench *b, struct engine *engine, const float *pictures, size_t batch,
                 struct error *err)
{
    for (size_t at = 0; at < PICTURES; at += batch) {
        size_t count = batch < PICTURES - at ? batch : PICTURES - at;
        if (!engine_predict(engine, pictures + at * DIGIT_PIXELS, count,
                            b->probabilities + at * DIGIT_CLASSES, err))
            return false;
    }
    return true;
}

/* The answers are told too: who is fast and wrong shall be seen. */
static void print_run(const struct bench *b, const double *us, size_t passes)
{
    printf("{\"us\": [");
    for (size_t i = 0; i < passes; i++)
        printf("%s%.3f", i ? ", " : "", us[i]);
    printf("], \"answers\": \"");
    for (size_t i = 0; i < PICTURES; i++)
        printf("%zu", evaluation_argmax(b->probabilities + i * DIGIT_CLASSES));
    printf("\"}\n");
}

static bool run(struct bench *b, struct engine *engine, size_t batch, const char *kind,
                double seconds, struct error *err)
{
    const float *pictures = strcmp(kind, "dense") == 0 ? b->dense : b->digits;
    double us[PASSES_MAX];
    size_t passes = 0;
    if (!pass(b, engine, pictures, batch, err)) /* what the turn before left in the caches */
        return false;
    double start = clock_seconds(), from = start, to;
    do {
        if (!pass(b, engine, pictures, batch, err))
            return false;
        to = clock_seconds();
        us[passes++] = (to - from) * 1e6 / PICTURES;
        from = to;
    } while (to - start < seconds && passes < PASSES_MAX);
    print_run(b, us, passes);
    return true;
}

static struct engine *find(const struct bench *b, const char *name)
{
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->contenders[i].name, name) == 0)
            return b->contenders[i].engine;
    return NULL;
}

static bool obey(struct bench *b, const char *line, struct error *err)
{
    char name[32], kind[8];
    size_t batch;
    double seconds;
    if (sscanf(line, "run %31s %zu %7s %lf", name, &batch, kind, &seconds) == 4 && batch > 0 &&
        find(b, name) != NULL)
        return run(b, find(b, name), batch, kind, seconds, err);
    if (sscanf(line, "peak %31s %lf", name, &seconds) == 2)
        for (size_t i = 0; peak_isa(i) != NULL; i++)
            if (strcmp(peak_isa(i), name) == 0)
                return printf("{\"gflops\": %.2f}\n", peak_gflops(i, seconds)) > 0;
    return error_set(err, ERROR_BAD_ARGUMENT, "this cannot be done: %s", line);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench_engine MODEL IMAGES\n");
        return 2;
    }
    struct bench b = {0};
    struct error err = {0};
    char line[128];
    bool ok = bench_open(&b, argv[1], argv[2], &err);
    if (ok)
        print_what_there_is(&b);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    while (ok && fflush(stdout) == 0 && fgets(line, sizeof line, stdin) != NULL)
        ok = obey(&b, line, &err);
    bench_close(&b);
    if (!ok)
        fprintf(stderr, "bench_engine: %s\n", err.text);
    return ok ? 0 : 1;
}

/*
 * The native engine against libtorch on MNIST's test images: the same digit, and every probability
 * within 1e-5, for each instruction set that runs here and for several batch sizes.
 *
 *     parity MODEL DATA      a .pth file, on all 10,000
 *     parity NETWORK DATA    a built-in network with random weights, on 500
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/engine.h"
#include "model/engine_native.h"
#include "model/model.h"
#include "tests/unit/plain_network.h"
#include "train/dataset/mnist.h"

static const size_t batches[] = {1, 2, 3, 7, 64};
static const float tolerance = 1e-5f;

enum { RANDOM_IMAGES = 500 };

/* Pictures as floats, and what libtorch makes of them. */
struct reference {
    size_t count;
    float *pixels;
    float *probabilities;
};

static bool predict_all(float *out, struct engine *e, const struct reference *r, size_t batch,
                        struct error *err)
{
    for (size_t at = 0; at < r->count; at += batch) {
        size_t count = r->count - at < batch ? r->count - at : batch;
        if (!engine_predict(e, r->pixels + at * DIGIT_PIXELS, count, out + at * DIGIT_CLASSES, err))
            return false;
    }
    return true;
}

static bool make_reference(struct reference *r, const struct model *m, const char *data,
                           size_t count_max, struct error *err)
{
    struct mnist set;
    struct engine *torch = NULL;
    if (!mnist_load(&set, data, MNIST_TEST, err))
        return false;
    r->count = set.count < count_max ? set.count : count_max;
    r->pixels = malloc(r->count * DIGIT_PIXELS * sizeof *r->pixels);
    r->probabilities = malloc(r->count * DIGIT_CLASSES * sizeof *r->probabilities);
    bool ok = r->pixels != NULL && r->probabilities != NULL;
    for (size_t i = 0; ok && i < r->count; i++)
        mnist_floats(r->pixels + i * DIGIT_PIXELS, &set, i);
    mnist_free(&set);
    ok = ok && engine_open(&torch, "torch", &m->network, m->weights, NULL, err) &&
         predict_all(r->probabilities, torch, r, 250, err);
    engine_close(torch);
    return ok;
}

static size_t argmax(const float *p)
{
    size_t best = 0;
    for (size_t i = 1; i < DIGIT_CLASSES; i++)
        if (p[i] > p[best])
            best = i;
    return best;
}

static bool compare(const struct reference *r, const float *got, const char *isa, size_t batch)
{
    float worst = 0;
    size_t other = 0;
    for (size_t i = 0; i < r->count; i++) {
        const float *want = r->probabilities + i * DIGIT_CLASSES, *have = got + i * DIGIT_CLASSES;
        other += argmax(want) != argmax(have);
        for (size_t c = 0; c < DIGIT_CLASSES; c++)
            worst = fmaxf(worst, fabsf(want[c] - have[c]));
    }
    printf("%s, batch %zu: largest difference %.1e, %zu other digits\n", isa, batch, (double)worst,
           other);
    return other == 0 && worst <= tolerance;
}

static bool check_isa(const struct reference *r, const struct model *m, const char *isa,
                      struct error *err)
{
    const struct engine_options options = {.isa = isa};
    struct engine *native = NULL;
    float *got = malloc(r->count * DIGIT_CLASSES * sizeof *got);
    bool ok = got != NULL && engine_open(&native, "native", &m->network, m->weights, &options, err);
    for (size_t i = 0; ok && i < sizeof batches / sizeof *batches; i++)
        ok = predict_all(got, native, r, batches[i], err) && compare(r, got, isa, batches[i]);
    engine_close(native);
    free(got);
    return ok;
}

/* Fills what engines look at. */
static bool random_model(struct model *out, const char *network, struct error *err)
{
    uint64_t random = 1;
    if (!network_named(&out->network, network, err))
        return false;
    out->weights = plain_weights(&out->network, &random);
    return out->weights != NULL;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct model model = {0};
    struct reference reference = {0};
    if (argc != 3)
        return 2;
    bool is_file = strstr(argv[1], ".pth") != NULL;
    bool ok = (is_file ? model_load(&model, argv[1], &err) : random_model(&model, argv[1], &err)) &&
              make_reference(&reference, &model, argv[2], is_file ? SIZE_MAX : RANDOM_IMAGES, &err);
    const char *isa;
    for (size_t i = 0; ok && (isa = engine_native_isa(i)) != NULL; i++)
        ok = check_isa(&reference, &model, isa, &err);
    if (!ok)
        printf("parity: %s\n", err.code != ERROR_NONE ? err.text : "the engines differ");
    free(reference.pixels);
    free(reference.probabilities);
    model_free(&model);
    return ok ? 0 : 1;
}

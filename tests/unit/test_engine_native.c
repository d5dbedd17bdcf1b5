/*
 * The native engine against plain loops: the networks that people use, odd ones, and random ones;
 * every instruction set that runs here, batches of many sizes, many threads at once.
 *
 * A program of its own, without a test library, so that it also runs cross-built under an emulator.
 */
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/engine_native.h"
#include "tests/unit/plain_network.h"

enum { IMAGES = 6, BATCH_MAX = 64, THREADS = 4, THREAD_BATCHES = 5, RANDOM_NETWORKS = 60 };

static const float tolerance = 1e-5f;
static size_t failures, checks;

__attribute__((format(printf, 2, 3))) static bool check(bool good, const char *format, ...)
{
    checks++;
    if (good)
        return true;
    failures++;
    va_list arguments;
    va_start(arguments, format);
    fputs("FAILED: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

static const struct network odd_networks[] = {
    {.name = "linear", /* ReLU first, dropout last */
     .count = 5,
     .layers = {{.kind = LAYER_RELU},
                {.kind = LAYER_FLATTEN},
                {.kind = LAYER_LINEAR, .name = "fc", .out = 10},
                {.kind = LAYER_SOFTMAX},
                {.kind = LAYER_DROPOUT, .probability = 0.5f}}},
    {.name = "convolutions", /* no linear layer; dropout where fusion looks */
     .count = 9,
     .layers = {{.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_CONV2D, .name = "a", .out = 17, .kernel = 3, .padding = 1},
                {.kind = LAYER_DROPOUT, .probability = 0.2f},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_RELU},
                {.kind = LAYER_CONV2D, .name = "b", .out = 33, .kernel = 3, .padding = 1},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_CONV2D, .name = "c", .out = 10, .kernel = 2},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2}}},
    {.name = "wide", /* planes that are wider than ink is tracked in */
     .count = 8,
     .layers = {{.kind = LAYER_CONV2D, .name = "a", .out = 2, .kernel = 20, .padding = 19},
                {.kind = LAYER_RELU},
                {.kind = LAYER_CONV2D, .name = "d", .out = 2, .kernel = 20, .padding = 19},
                {.kind = LAYER_CONV2D, .name = "b", .out = 18, .kernel = 3, .padding = 1},
                {.kind = LAYER_MAXPOOL2D, .kernel = 2},
                {.kind = LAYER_MAXPOOL2D, .kernel = 6},
                {.kind = LAYER_FLATTEN},
                {.kind = LAYER_LINEAR, .name = "c", .out = 10}}},
    {.name = "flat", /* what may come after a flat vector */
     .count = 8,
     .layers = {{.kind = LAYER_CONV2D, .name = "a", .out = 3, .kernel = 7, .padding = 6},
                {.kind = LAYER_FLATTEN},
                {.kind = LAYER_RELU},
                {.kind = LAYER_LINEAR, .name = "b", .out = 20},
                {.kind = LAYER_MAXPOOL2D, .kernel = 1},
                {.kind = LAYER_CONV2D, .name = "c", .out = 10, .kernel = 1},
                {.kind = LAYER_RELU},
                {.kind = LAYER_FLATTEN}}},
};

static struct layer *append(struct network *net, enum layer_kind kind)
{
    struct layer *l = &net->layers[net->count++];
    *l = (struct layer){.kind = kind};
    if (kind == LAYER_CONV2D || kind == LAYER_LINEAR)
        (void)snprintf(l->name, sizeof l->name, "p%zu", net->count);
    return l;
}

/* A convolution, and what comes after one, in any order and number. */
static void append_random_conv(struct network *net, uint64_t *random)
{
    static const size_t kernels[] = {3, 3, 3, 1, 5, 7, 2, 4};
    struct layer *l = append(net, LAYER_CONV2D);
    l->kernel = kernels[plain_below(random, sizeof kernels / sizeof *kernels)];
    l->padding = plain_below(random, 2) ? l->kernel / 2 : plain_below(random, l->kernel);
    l->out = 1 + plain_below(random, l->kernel > 3 ? 9 : 40);
    for (size_t n = plain_below(random, 4); n > 0; n--)
        switch (plain_below(random, 5)) {
        case 0:
        case 1:
            append(net, LAYER_RELU);
            break;
        case 2:
        case 3:
            append(net, LAYER_MAXPOOL2D)->kernel = plain_below(random, 4) ? 2 : 3;
            break;
        default:
            append(net, LAYER_DROPOUT);
        }
}

/* May not be a network at all: its window may be larger than what it looks at. */
static struct network random_network(uint64_t *random)
{
    static const enum layer_kind ends[] = {LAYER_SOFTMAX, LAYER_LOG_SOFTMAX, LAYER_DROPOUT};
    struct network net = {.name = "random"};
    for (size_t n = plain_below(random, 4); n > 0; n--)
        append_random_conv(&net, random);
    append(&net, LAYER_FLATTEN);
    for (size_t n = plain_below(random, 3); n > 0; n--) {
        append(&net, LAYER_LINEAR)->out = 1 + plain_below(random, 150);
        if (plain_below(random, 2))
            append(&net, LAYER_RELU);
    }
    append(&net, LAYER_LINEAR)->out = DIGIT_CLASSES;
    if (plain_below(random, 2))
        append(&net, ends[plain_below(random, 3)]);
    return net;
}

static void describe(char *out, size_t size, const struct network *net)
{
    size_t used = (size_t)snprintf(out, size, "%s:", net->name);
    for (size_t i = 0; i < net->count && used < size; i++) {
        const struct layer *l = &net->layers[i];
        used += (size_t)snprintf(out + used, size - used, " %s", layer_kind_name(l->kind));
        if (l->out + l->kernel > 0 && used < size)
            used += (size_t)snprintf(out + used, size - used, "(%zu,k%zu,p%zu)", l->out, l->kernel,
                                     l->padding);
    }
}

/* Blank, one pixel in a corner, noise, and shapes with much black around them as digits have. */
static void draw(float pixels[IMAGES][DIGIT_PIXELS], uint64_t *random)
{
    memset(pixels, 0, sizeof(float[IMAGES][DIGIT_PIXELS]));
    pixels[1][DIGIT_PIXELS - 1] = 1.0f;
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        pixels[2][i] = plain_float(random);
    for (size_t image = 3; image < IMAGES; image++) {
        size_t top = plain_below(random, DIGIT_SIDE), left = plain_below(random, DIGIT_SIDE);
        size_t height = 1 + plain_below(random, DIGIT_SIDE - top);
        size_t width = 1 + plain_below(random, DIGIT_SIDE - left);
        for (size_t y = top; y < top + height; y++)
            for (size_t x = left; x < left + width; x++)
                pixels[image][y * DIGIT_SIDE + x] = plain_float(random);
    }
}

/* What one network must give, and what the threads share. */
struct trial {
    void *engine;
    char text[512];
    const char *isa;
    float pixels[BATCH_MAX * DIGIT_PIXELS]; /* the images, over and over */
    float want[IMAGES * DIGIT_CLASSES];
    float alone[IMAGES * DIGIT_CLASSES]; /* what the engine said to each image alone */
};

static bool near(const struct trial *t, size_t image, const float *got)
{
    float sum = 0.0f;
    for (size_t i = 0; i < DIGIT_CLASSES; i++) {
        float want = t->want[image * DIGIT_CLASSES + i];
        sum += got[i];
        if (!check(got[i] >= 0.0f && fabsf(got[i] - want) <= tolerance,
                   "%s, %s, image %zu: probability of %zu is %.8f, should be %.8f", t->isa, t->text,
                   image, i, (double)got[i], (double)want))
            return false;
    }
    return check(fabsf(sum - 1.0f) <= tolerance, "%s, %s: the sum is not 1", t->isa, t->text);
}

/* The answer to an image does not depend on its batch: not even in the last bit. */
static bool batch_is_good(const struct trial *t, size_t count)
{
    struct error err = {0};
    float got[BATCH_MAX * DIGIT_CLASSES + 1];
    got[count * DIGIT_CLASSES] = 42.0f;
    if (!engine_native.predict(t->engine, t->pixels, count, got, &err) ||
        got[count * DIGIT_CLASSES] != 42.0f)
        return false;
    for (size_t i = 0; i < count; i++)
        if (memcmp(got + i * DIGIT_CLASSES, t->alone + i % IMAGES * DIGIT_CLASSES,
                   DIGIT_CLASSES * sizeof *got) != 0)
            return false;
    return true;
}

static const size_t batches[] = {1, 2, 3, 7, 8, 37, BATCH_MAX, 0};

static void *work(void *trial)
{
    for (size_t count = 0; count < THREAD_BATCHES; count++)
        if (!batch_is_good(trial, count))
            return "another answer";
    return NULL;
}

static void run_threads(struct trial *t)
{
    pthread_t threads[THREADS];
    size_t started = 0;
    while (started < THREADS && pthread_create(&threads[started], NULL, work, t) == 0)
        started++;
    check(started == THREADS, "threads do not start");
    while (started > 0) {
        void *said = NULL;
        pthread_join(threads[--started], &said);
        check(said == NULL, "%s, %s: another answer beside other threads", t->isa, t->text);
    }
}

static void run_isa(struct trial *t, const struct network *net, const struct checkpoint *weights)
{
    struct error err = {0};
    struct engine_options options = {.isa = t->isa};
    if (!check(engine_native.open(&t->engine, net, weights, &options, &err), "%s, %s: %s", t->isa,
               t->text, err.text))
        return;
    bool good = true;
    for (size_t i = 0; i < IMAGES && good; i++) {
        float *alone = t->alone + i * DIGIT_CLASSES;
        good = engine_native.predict(t->engine, t->pixels + i * DIGIT_PIXELS, 1, alone, &err) &&
               near(t, i, alone);
    }
    for (size_t i = 0; i < sizeof batches / sizeof *batches && good; i++)
        good = check(batch_is_good(t, batches[i]), "%s, %s: another answer in a batch of %zu",
                     t->isa, t->text, batches[i]);
    if (good)
        run_threads(t);
    engine_native.close(t->engine);
}

static void run_images(const struct network *net, float images[IMAGES][DIGIT_PIXELS],
                       uint64_t *random)
{
    static struct trial trial;
    describe(trial.text, sizeof trial.text, net);
    struct checkpoint *weights = plain_weights(net, random);
    if (!check(weights != NULL, "%s: no weights", trial.text))
        return;
    for (size_t i = 0; i < BATCH_MAX; i++)
        memcpy(trial.pixels + i * DIGIT_PIXELS, images[i % IMAGES], sizeof *images);
    for (size_t i = 0; i < IMAGES; i++)
        check(plain_predict(trial.want + i * DIGIT_CLASSES, net, weights, images[i]), "no memory");
    for (size_t i = 0; (trial.isa = engine_native_isa(i)) != NULL; i++)
        run_isa(&trial, net, weights);
    checkpoint_close(weights);
}

static void run_network(const struct network *net, uint64_t *random)
{
    static float images[IMAGES][DIGIT_PIXELS];
    draw(images, random);
    run_images(net, images, random);
}

static void test_networks(void)
{
    uint64_t random = 1;
    struct network net;
    for (size_t i = 0; network_builtin(i) != NULL; i++) {
        struct error err = {0};
        if (check(network_named(&net, network_builtin(i), &err), "%s", err.text))
            run_network(&net, &random);
    }
    for (size_t i = 0; i < sizeof odd_networks / sizeof *odd_networks; i++) {
        struct error err = {0};
        net = odd_networks[i];
        if (check(network_infer(&net, &err), "%s", err.text))
            run_network(&net, &random);
    }
}

/* One panel of channels, in six rows of six tiles. */
static const struct network panel = {
    .name = "panel",
    .count = 5,
    .layers = {{.kind = LAYER_CONV2D, .name = "a", .out = 16, .kernel = 5},
               {.kind = LAYER_CONV2D, .name = "b", .out = 16, .kernel = 3, .padding = 1},
               {.kind = LAYER_MAXPOOL2D, .kernel = 2},
               {.kind = LAYER_FLATTEN},
               {.kind = LAYER_LINEAR, .name = "c", .out = 10}}};

/* Ink that reaches so many tiles of its first row, or of its last. */
static void draw_tiles(float pixels[DIGIT_PIXELS], size_t tiles, bool last, uint64_t *random)
{
    float *row = pixels + (last ? DIGIT_PIXELS - DIGIT_SIDE : 0);
    for (size_t x = 0; x + 3 < 4 * tiles; x++)
        row[x] = plain_float(random);
}

/* Tiles are multiplied together, and so many as have ink: 1 to 12. */
static void test_tiles(void)
{
    uint64_t random = 1;
    struct error err = {0};
    struct network net = panel;
    if (!check(network_infer(&net, &err), "%s", err.text))
        return;
    for (size_t above = 0; above <= IMAGES; above += IMAGES) {
        float images[IMAGES][DIGIT_PIXELS] = {0};
        for (size_t i = 0; i < IMAGES; i++) {
            draw_tiles(images[i], above, false, &random);
            draw_tiles(images[i], i + 1, true, &random);
        }
        run_images(&net, images, &random);
    }
}

static void test_random_networks(size_t count)
{
    for (uint64_t seed = 1, done = 0; done < count; seed++) {
        uint64_t random = seed;
        struct error err = {0};
        struct network net = random_network(&random);
        (void)snprintf(net.name, sizeof net.name, "seed %u", (unsigned)seed);
        if (!network_infer(&net, &err))
            continue;
        run_network(&net, &random);
        done++;
    }
}

/* Small in weights, but its planes would take gigabytes. */
static const struct network giant = {
    .name = "giant",
    .count = 8,
    .layers = {{.kind = LAYER_CONV2D, .name = "a", .out = 1, .kernel = 980, .padding = 979},
               {.kind = LAYER_CONV2D, .name = "b", .out = 1, .kernel = 1},
               {.kind = LAYER_CONV2D, .name = "c", .out = 1, .kernel = 1},
               {.kind = LAYER_CONV2D, .name = "d", .out = 1, .kernel = 1},
               {.kind = LAYER_CONV2D, .name = "e", .out = 1, .kernel = 1},
               {.kind = LAYER_MAXPOOL2D, .kernel = 1000},
               {.kind = LAYER_FLATTEN},
               {.kind = LAYER_LINEAR, .name = "f", .out = 10}}};

static void refuses(const struct network *net, const struct checkpoint *weights, const char *isa,
                    enum error_code code, const char *part)
{
    void *state = NULL;
    struct error err = {0};
    struct engine_options options = {.isa = isa};
    bool opened = engine_native.open(&state, net, weights, &options, &err);
    if (opened)
        engine_native.close(state);
    check(!opened && err.code == code && strstr(err.text, part) != NULL,
          "should be refused with '%s', was: '%s'", part, err.text);
}

static void test_refuses_giants(void)
{
    uint64_t random = 1;
    struct error err = {0};
    struct network net = giant;
    check(network_infer(&net, &err), "%s", err.text);
    struct checkpoint *weights = plain_weights(&net, &random);
    refuses(&net, weights, NULL, ERROR_BAD_MODEL, "its layers are too large");
    checkpoint_close(weights);
}

static void test_refusals(void)
{
    uint64_t random = 1;
    struct error err = {0};
    struct network net;
    check(network_named(&net, "mlp", &err), "%s", err.text);
    struct checkpoint *weights = plain_weights(&net, &random);
    refuses(&net, weights, "abacus", ERROR_BAD_ARGUMENT, engine_native_isa(0));
    setenv("DIGIT_ISA", "quipu", 1);
    refuses(&net, weights, NULL, ERROR_BAD_ARGUMENT, "'quipu'");
    unsetenv("DIGIT_ISA");
    net.layers[2].kind = LAYER_SOFTMAX;
    refuses(&net, weights, NULL, ERROR_BAD_MODEL, "a softmax layer at place 3");
    net.layers[2].kind = LAYER_RELU;
    checkpoint_find(weights, "fc2.bias")->data[3] = NAN;
    refuses(&net, weights, NULL, ERROR_BAD_MODEL, "'fc2.bias' holds a value that is not finite");
    checkpoint_close(weights);
}

/* An argument gives the number of random networks: emulators are slow. */
int main(int argc, char **argv)
{
    test_networks();
    test_tiles();
    test_random_networks(argc > 1 ? strtoul(argv[1], NULL, 10) : RANDOM_NETWORKS);
    test_refusals();
    test_refuses_giants();
    printf("%zu checks, %zu failed\n", checks, failures);
    return failures != 0;
}

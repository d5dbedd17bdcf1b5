#include "tests/unit/plain_network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t plain_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

size_t plain_below(uint64_t *state, size_t below)
{
    return (size_t)(plain_random(state) % below);
}

float plain_float(uint64_t *state)
{
    return (float)(plain_random(state) >> 40) / (float)(1 << 24);
}

static bool add_parameter(struct checkpoint *out, const struct parameter *p, uint64_t *state)
{
    struct error err = {0};
    size_t count = 1;
    for (size_t d = 0; d < p->rank; d++)
        count *= p->shape[d];
    size_t inputs = p->rank > 1 ? count / p->shape[0] : 10;
    float scale = sqrtf(6.0f / (float)inputs);
    float *values = malloc(count * sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++)
        values[i] = (2.0f * plain_float(state) - 1.0f) * scale;
    bool added = values != NULL && checkpoint_add(out, p->name, p->shape, p->rank, values, &err);
    free(values);
    return added;
}

struct checkpoint *plain_weights(const struct network *net, uint64_t *state)
{
    struct checkpoint *out = NULL;
    struct error err = {0};
    struct parameter p;
    bool good = checkpoint_new(&out, &err);
    for (size_t i = 0; good && network_parameter(net, i, &p); i++)
        good = add_parameter(out, &p, state);
    if (good)
        return out;
    checkpoint_close(out);
    return NULL;
}

static const float *tensor_of(const struct checkpoint *weights, const struct layer *l,
                              const char *what)
{
    char name[CHECKPOINT_NAME_SIZE];
    (void)snprintf(name, sizeof name, "%s.%s", l->name, what);
    return checkpoint_find(weights, name)->data;
}

static size_t features(const struct shape *s)
{
    return s->channels * s->height * s->width;
}

/* One output plane of a convolution: one input plane after the other, one tap after the other. */
static void conv_plane(double *out, const double *in, const struct layer *l, const float *w)
{
    const struct shape *from = &l->input, *to = &l->output;
    for (size_t tap = 0; tap < from->channels * l->kernel * l->kernel; tap++) {
        size_t c = tap / (l->kernel * l->kernel);
        size_t dy = tap / l->kernel % l->kernel, dx = tap % l->kernel;
        for (size_t y = 0; y < to->height; y++)
            for (size_t x = 0; x < to->width; x++) {
                size_t row = y + dy - l->padding, column = x + dx - l->padding;
                if (row < from->height && column < from->width)
                    out[y * to->width + x] +=
                        (double)w[tap] * in[(c * from->height + row) * from->width + column];
            }
    }
}

static void conv(double *out, const double *in, const struct layer *l, const float *w,
                 const float *b)
{
    size_t plane = l->output.height * l->output.width;
    size_t taps = l->input.channels * l->kernel * l->kernel;
    for (size_t o = 0; o < l->out; o++) {
        for (size_t i = 0; i < plane; i++)
            out[o * plane + i] = (double)b[o];
        conv_plane(out + o * plane, in, l, w + o * taps);
    }
}

static void linear(double *out, const double *in, const struct layer *l, const float *w,
                   const float *b)
{
    size_t inputs = features(&l->input);
    for (size_t o = 0; o < l->out; o++) {
        out[o] = (double)b[o];
        for (size_t i = 0; i < inputs; i++)
            out[o] += (double)w[o * inputs + i] * in[i];
    }
}

static void pool(double *out, const double *in, const struct layer *l)
{
    const struct shape *from = &l->input, *to = &l->output;
    for (size_t i = 0; i < features(to); i++) {
        size_t x = i % to->width, y = i / to->width % to->height;
        const double *window =
            in + (i / (to->width * to->height) * from->height + y * l->kernel) * from->width +
            x * l->kernel;
        out[i] = window[0];
        for (size_t k = 1; k < l->kernel * l->kernel; k++)
            out[i] = fmax(out[i], window[k / l->kernel * from->width + k % l->kernel]);
    }
}

static void softmax(double *out, const double *in)
{
    double top = in[0], sum = 0;
    for (size_t i = 1; i < DIGIT_CLASSES; i++)
        top = fmax(top, in[i]);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        sum += out[i] = exp(in[i] - top);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        out[i] /= sum;
}

static void run_layer(double *out, const double *in, const struct layer *l,
                      const struct checkpoint *weights)
{
    switch (l->kind) {
    case LAYER_CONV2D:
        conv(out, in, l, tensor_of(weights, l, "weight"), tensor_of(weights, l, "bias"));
        break;
    case LAYER_LINEAR:
        linear(out, in, l, tensor_of(weights, l, "weight"), tensor_of(weights, l, "bias"));
        break;
    case LAYER_MAXPOOL2D:
        pool(out, in, l);
        break;
    case LAYER_RELU:
        for (size_t i = 0; i < features(&l->output); i++)
            out[i] = fmax(in[i], 0.0);
        break;
    default: /* softmax is what the probabilities are made by anyway; the rest changes nothing */
        memcpy(out, in, features(&l->output) * sizeof *out);
        break;
    }
}

bool plain_predict(float out[DIGIT_CLASSES], const struct network *net,
                   const struct checkpoint *weights, const float pixels[DIGIT_PIXELS])
{
    size_t most = DIGIT_PIXELS;
    for (size_t i = 0; i < net->count; i++)
        if (features(&net->layers[i].output) > most)
            most = features(&net->layers[i].output);
    double *buffers = malloc(2 * most * sizeof *buffers);
    if (buffers == NULL)
        return false;
    double *in = buffers, *to = buffers + most, probabilities[DIGIT_CLASSES];
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        in[i] = (double)pixels[i];
    for (size_t i = 0; i < net->count; i++) {
        run_layer(to, in, &net->layers[i], weights);
        double *swap = in;
        in = to;
        to = swap;
    }
    softmax(probabilities, in);
    for (size_t i = 0; i < DIGIT_CLASSES; i++)
        out[i] = (float)probabilities[i];
    free(buffers);
    return true;
}

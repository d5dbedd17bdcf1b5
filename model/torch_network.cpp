/*
 * The layers of a network as libtorch operators: what the engine and the trainer share. Any thread;
 * no state. Knows nothing of engines and nothing of training.
 */
#include "model/torch_network.h"

#include <algorithm>
#include <cstring>

#include <torch/cuda.h>

extern "C" {
#include "model/digit.h"
}

namespace digit
{

/* At 256 images the largest layer of `cnn` takes 26 MB. */
static constexpr size_t part_max = 256;

static int64_t signed_of(size_t n)
{
    return static_cast<int64_t>(n);
}

bool device_named(at::Device &out, const char *name, struct error *err)
{
    if (name == nullptr || std::strcmp(name, "cpu") == 0) {
        out = at::Device(at::kCPU);
        return true;
    }
    if (std::strcmp(name, "cuda") != 0)
        return error_set(err, ERROR_BAD_ARGUMENT, "there is no device '%s'; there is: cpu, cuda",
                         name);
    if (!torch::cuda::is_available())
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "%s finds no CUDA device; use --device cpu, or a libtorch built with CUDA",
                         library);
    out = at::Device(at::kCUDA);
    return true;
}

std::vector<at::Tensor> parameters_from(const struct network &net, const struct checkpoint *weights,
                                        const at::Device &device)
{
    std::vector<at::Tensor> out;
    struct parameter p;
    for (size_t i = 0; network_parameter(&net, i, &p); i++) {
        const struct tensor *t = checkpoint_find(weights, p.name);
        std::vector<int64_t> shape(p.shape, p.shape + p.rank);
        /* copy_ rather than to: the checkpoint's memory must not be shared. */
        at::Tensor own = at::empty(shape, at::TensorOptions(device));
        own.copy_(at::from_blob(t->data, shape, at::kFloat));
        out.push_back(own);
    }
    return out;
}

static size_t layers_before_normaliser(const struct network &net)
{
    size_t count = net.count;
    while (count > 0 && net.layers[count - 1].kind == LAYER_DROPOUT)
        count--;
    bool normaliser = count > 0 && (net.layers[count - 1].kind == LAYER_SOFTMAX ||
                                    net.layers[count - 1].kind == LAYER_LOG_SOFTMAX);
    return normaliser ? count - 1 : net.count;
}

at::Tensor logits(const struct network &net, const std::vector<at::Tensor> &parameters,
                  at::Tensor x, bool training)
{
    auto p = parameters.begin();
    size_t count = layers_before_normaliser(net);
    for (size_t i = 0; i < count; i++) {
        const struct layer &l = net.layers[i];
        switch (l.kind) {
        case LAYER_CONV2D:
            x = at::conv2d(x, p[0], p[1], 1, signed_of(l.padding));
            p += 2;
            break;
        case LAYER_RELU:
            x = at::relu(x);
            break;
        case LAYER_MAXPOOL2D:
            x = at::max_pool2d(x, signed_of(l.kernel));
            break;
        case LAYER_FLATTEN:
            x = at::flatten(x, 1);
            break;
        case LAYER_LINEAR:
            x = at::linear(x, p[0], p[1]);
            p += 2;
            break;
        case LAYER_DROPOUT:
            x = at::dropout(x, static_cast<double>(l.probability), training);
            break;
        case LAYER_LOG_SOFTMAX:
            x = at::log_softmax(x, -1);
            break;
        case LAYER_SOFTMAX:
            x = at::softmax(x, -1);
            break;
        case LAYER_KINDS:
            TORCH_CHECK(false, "layer ", i + 1, " has no kind");
        }
    }
    return x.reshape({x.size(0), DIGIT_CLASSES});
}

void probabilities(float *out, const struct network &net, const std::vector<at::Tensor> &parameters,
                   const at::Device &device, const float *pixels, size_t count)
{
    for (size_t done = 0; done < count;) {
        size_t part = std::min(count - done, part_max);
        /* from_blob wants a pointer that it could write through; nothing here does. */
        at::Tensor x = at::from_blob(const_cast<float *>(pixels + done * DIGIT_PIXELS),
                                     {signed_of(part), 1, DIGIT_SIDE, DIGIT_SIDE}, at::kFloat);
        at::Tensor y = at::softmax(logits(net, parameters, x.to(device), false), 1);
        y = y.to(at::kCPU).contiguous();
        std::memcpy(out + done * DIGIT_CLASSES, y.data_ptr<float>(),
                    part * DIGIT_CLASSES * sizeof *out);
        done += part;
    }
}

} // namespace digit

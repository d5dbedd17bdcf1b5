/*
 * The layers of a network as libtorch operators: what the engine and the trainer share. Any thread;
 * no state. Knows nothing of engines and nothing of training.
 */
#include "model/torch_network.h"

#include <algorithm>
#include <cstring>

#include <ATen/DynamicLibrary.h>
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

/* The part of libtorch for CUDA is not linked, so that who computes on a CPU does not load it (a
 * gigabyte, seconds). Once loaded it stays. It must come before anyone asks for a device: libtorch
 * remembers the first answer. */
static bool load_cuda(struct error *err)
{
    try {
        static const at::DynamicLibrary cuda("libtorch_cuda.so", nullptr, true);
        return true;
    } catch (const c10::Error &e) {
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "%s has no CUDA here (%s); use --device cpu, or a libtorch with CUDA",
                         library, e.what_without_backtrace());
    }
}

bool device_named(at::Device &out, const char *name, struct error *err)
{
    if (name == nullptr || std::strcmp(name, "cpu") == 0) {
        out = at::Device(at::kCPU);
        return true;
    }
    if (std::strcmp(name, "auto") == 0) {
        struct error none = {};
        out = at::Device(load_cuda(&none) && torch::cuda::is_available() ? at::kCUDA : at::kCPU);
        return true;
    }
    if (std::strcmp(name, "cuda") != 0)
        return error_set(err, ERROR_BAD_ARGUMENT,
                         "there is no device '%s'; there is: auto, cpu, cuda", name);
    if (!load_cuda(err))
        return false;
    if (!torch::cuda::is_available())
        return error_set(err, ERROR_BAD_ARGUMENT, "%s finds no CUDA device; use --device cpu",
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

size_t layers_before_normaliser(const struct network &net)
{
    size_t count = net.count;
    while (count > 0 && net.layers[count - 1].kind == LAYER_DROPOUT)
        count--;
    bool normaliser = count > 0 && (net.layers[count - 1].kind == LAYER_SOFTMAX ||
                                    net.layers[count - 1].kind == LAYER_LOG_SOFTMAX);
    return normaliser ? count - 1 : net.count;
}

/* struct shape does not tell n x 1 x 1 from a flat vector of n, and so it is for every layer here;
 * libtorch's operators do. */
static at::Tensor as_operator_wants(const struct layer &l, const at::Tensor &x)
{
    bool wants_planes = l.kind == LAYER_CONV2D || l.kind == LAYER_MAXPOOL2D;
    if (l.input.height != 1 || l.input.width != 1)
        return x;
    return wants_planes ? x.reshape({x.size(0), signed_of(l.input.channels), 1, 1}) : x.flatten(1);
}

at::Tensor output_of(const struct layer &l, const at::Tensor *parameters, const at::Tensor &input,
                     bool training)
{
    at::Tensor x = as_operator_wants(l, input);
    switch (l.kind) {
    case LAYER_CONV2D:
        return at::conv2d(x, parameters[0], parameters[1], 1, signed_of(l.padding));
    case LAYER_RELU:
        return at::relu(x);
    case LAYER_MAXPOOL2D:
        return at::max_pool2d(x, signed_of(l.kernel));
    case LAYER_FLATTEN:
        return at::flatten(x, 1);
    case LAYER_LINEAR:
        return at::linear(x, parameters[0], parameters[1]);
    case LAYER_DROPOUT:
        return at::dropout(x, static_cast<double>(l.probability), training);
    case LAYER_LOG_SOFTMAX:
        return at::log_softmax(x, -1);
    case LAYER_SOFTMAX:
        return at::softmax(x, -1);
    case LAYER_KINDS:
        break;
    }
    TORCH_CHECK(false, "there is no layer of kind ", static_cast<int>(l.kind));
}

at::Tensor logits(const struct network &net, const std::vector<at::Tensor> &parameters,
                  at::Tensor x, bool training)
{
    const at::Tensor *p = parameters.data();
    size_t count = layers_before_normaliser(net);
    for (size_t i = 0; i < count; i++) {
        const struct layer &l = net.layers[i];
        x = output_of(l, p, x, training);
        p += l.kind == LAYER_CONV2D || l.kind == LAYER_LINEAR ? 2 : 0;
    }
    return x.reshape({x.size(0), DIGIT_CLASSES});
}

void probabilities(float *out, const forward &logits, const at::Device &device, const float *pixels,
                   size_t count)
{
    for (size_t done = 0; done < count;) {
        size_t part = std::min(count - done, part_max);
        /* from_blob wants a pointer that it could write through; nothing here does. */
        at::Tensor x = at::from_blob(const_cast<float *>(pixels + done * DIGIT_PIXELS),
                                     {signed_of(part), 1, DIGIT_SIDE, DIGIT_SIDE}, at::kFloat);
        at::Tensor y = at::softmax(logits(x.to(device)), 1);
        y = y.to(at::kCPU).contiguous();
        std::memcpy(out + done * DIGIT_CLASSES, y.data_ptr<float>(),
                    part * DIGIT_CLASSES * sizeof *out);
        done += part;
    }
}

} // namespace digit

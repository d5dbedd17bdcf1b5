/*
 * The trainer on libtorch: a plug-in. One thread at a time.
 *
 * Equal seeds and thread counts give equal weights: only deterministic algorithms are used, and all
 * random numbers come from libtorch's generator, which is seeded at `open`. (libtorch has one such
 * generator and one number of threads for the process, so that one trainer can be open at a time.)
 */
#include <cmath>
#include <cstdlib>
#include <memory>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/nn/init.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include "model/torch_network.h"

extern "C" {
#include "model/digit.h"
#include "train/trainer.h"
}

namespace
{

struct torch_trainer {
    struct network net;
    at::Device device{at::kCPU};
    std::vector<at::Tensor> parameters;
    std::unique_ptr<torch::optim::Adam> adam;
};

void be_deterministic(const at::Device &device)
{
    /* cuBLAS is deterministic only with a workspace of fixed size, and reads this once. */
    if (device.is_cuda())
        setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicCuDNN(true);
    at::globalContext().setBenchmarkCuDNN(false);
}

/* What torch.nn.Conv2d and torch.nn.Linear do in reset_parameters, in the same order, so that a
 * seed means the same here and in Python: weights by kaiming_uniform(a = sqrt(5)), biases uniform
 * within 1 / sqrt(fan in). */
std::vector<at::Tensor> initial_parameters(const struct network &net, const at::Device &device)
{
    std::vector<at::Tensor> out;
    struct parameter p;
    double bound = 0;
    for (size_t i = 0; network_parameter(&net, i, &p); i++) {
        at::Tensor t = at::empty(std::vector<int64_t>(p.shape, p.shape + p.rank));
        if (p.rank > 1) {
            torch::nn::init::kaiming_uniform_(t, std::sqrt(5.0));
            bound = 1 / std::sqrt(static_cast<double>(t[0].numel()));
        } else {
            torch::nn::init::uniform_(t, -bound, bound);
        }
        /* Channels last: oneDNN's convolutions then need no reordering, and train a tenth faster.
         */
        if (p.rank == 4)
            t = t.contiguous(at::MemoryFormat::ChannelsLast);
        out.push_back(t.to(device).set_requires_grad(true));
    }
    return out;
}

bool torch_open(void **state, const struct network *net, const struct trainer_options *options,
                struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto t = std::make_unique<torch_trainer>();
        t->net = *net;
        if (!digit::device_named(t->device, options->device, err))
            return false;
        be_deterministic(t->device);
        if (options->threads > 0)
            at::set_num_threads(static_cast<int>(options->threads));
        torch::manual_seed(options->seed);
        t->parameters = initial_parameters(*net, t->device);
        t->adam = std::make_unique<torch::optim::Adam>(t->parameters, torch::optim::AdamOptions());
        *state = t.release();
        return true;
    });
}

void set_learning_rate(torch::optim::Adam &adam, double rate)
{
    for (auto &group : adam.param_groups())
        static_cast<torch::optim::AdamOptions &>(group.options()).lr(rate);
}

bool torch_step(void *state, const float *pixels, const uint8_t *labels, size_t count,
                double learning_rate, double *loss, size_t *correct, struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto &t = *static_cast<torch_trainer *>(state);
        auto n = static_cast<int64_t>(count);
        at::Tensor x =
            at::from_blob(const_cast<float *>(pixels), {n, 1, DIGIT_SIDE, DIGIT_SIDE}, at::kFloat);
        at::Tensor y = at::from_blob(const_cast<uint8_t *>(labels), {n}, at::kByte);
        x = x.to(t.device).contiguous(at::MemoryFormat::ChannelsLast);
        y = y.to(t.device, at::kLong);
        set_learning_rate(*t.adam, learning_rate);
        t.adam->zero_grad();
        at::Tensor logits = digit::logits(t.net, t.parameters, x, true);
        at::Tensor mean = at::cross_entropy_loss(logits, y);
        mean.backward();
        t.adam->step();
        *loss = mean.item<double>();
        *correct = static_cast<size_t>(logits.argmax(1).eq(y).sum().item<int64_t>());
        return true;
    });
}

bool torch_predict(void *state, const float *pixels, size_t count, float *probabilities,
                   struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto &t = *static_cast<torch_trainer *>(state);
        c10::InferenceMode mode;
        auto logits = [&](const at::Tensor &x) {
            return digit::logits(t.net, t.parameters, x, false);
        };
        digit::probabilities(probabilities, logits, t.device, pixels, count);
        return true;
    });
}

bool torch_weights(void *state, struct checkpoint **out, struct error *err) noexcept
{
    struct checkpoint *c = nullptr;
    if (!checkpoint_new(&c, err))
        return false;
    bool ok = digit::guarded(err, [&] {
        auto &t = *static_cast<torch_trainer *>(state);
        c10::InferenceMode mode;
        struct parameter p;
        for (size_t i = 0; network_parameter(&t.net, i, &p); i++) {
            at::Tensor w = t.parameters[i].to(at::kCPU).contiguous();
            if (!checkpoint_add(c, p.name, p.shape, p.rank, w.data_ptr<float>(), err))
                return false;
        }
        return true;
    });
    if (ok)
        *out = c;
    else
        checkpoint_close(c);
    return ok;
}

const char *torch_describe(const void *) noexcept
{
    return digit::library;
}

size_t torch_threads(const void *) noexcept
{
    return static_cast<size_t>(at::get_num_threads());
}

void torch_close(void *state) noexcept
{
    delete static_cast<torch_trainer *>(state);
}

} // namespace

extern "C" {
extern __attribute__((visibility("default"))) const struct trainer_type digit_trainer_torch;
const struct trainer_type digit_trainer_torch = {
    torch_open,     torch_step,    torch_predict, torch_weights,
    torch_describe, torch_threads, torch_close,
};
}

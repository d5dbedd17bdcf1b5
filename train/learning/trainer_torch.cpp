/*
 * The trainer on libtorch: a plug-in. One thread at a time.
 *
 * Equal seeds and thread counts give equal weights: only deterministic algorithms are used, and all
 * random numbers come from libtorch's generator, which is seeded at `open` and anew for each step,
 * so that a step depends on the weights, the optimiser's state and its own number only. (libtorch
 * has one such generator and one number of threads for the process, so that one trainer can be open
 * at a time.)
 */
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/init.h>
#include <torch/utils.h>

#include "model/torch_network.h"
#include "train/learning/torch_optimizer.h"
#include "train/learning/torch_pool.h"

extern "C" {
#include "model/digit.h"
#include "train/learning/order.h"
#include "train/learning/trainer.h"
}

namespace
{

/* A batch goes through the network in parts of at most so many images: the gradients add up. */
constexpr size_t part_max = 256;

struct torch_trainer {
    struct network net;
    struct trainer_options options;
    at::Device device{at::kCPU};
    std::unique_ptr<digit::optimizer> optimizer;
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

/* A step's tensors are as large as the last step's: what is free is kept, not given back to the
 * system and asked for again, page by page. */
void keep_memory()
{
#ifdef M_MMAP_MAX
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}

bool is_pool_of_two(const struct layer &l)
{
    return l.kind == LAYER_MAXPOOL2D && l.kernel == 2;
}

/* digit::logits for training and for what goes with it. Pooling before relu gives the same values
 * and the same gradients as relu first, as both keep the order of numbers. */
at::Tensor logits(const struct network &net, const std::vector<at::Tensor> &parameters,
                  at::Tensor x, bool training)
{
    const at::Tensor *p = parameters.data();
    const size_t count = digit::layers_before_normaliser(net);
    for (size_t i = 0; i < count; i++) {
        const struct layer &l = net.layers[i];
        if (l.kind == LAYER_RELU && i + 1 < count && is_pool_of_two(net.layers[i + 1])) {
            x = digit::pool_relu(x);
            i++;
        } else {
            x = digit::output_of(l, p, x, training);
            p += l.kind == LAYER_CONV2D || l.kind == LAYER_LINEAR ? 2 : 0;
        }
    }
    return x.reshape({x.size(0), DIGIT_CLASSES});
}

/* What torch.nn.Conv2d and torch.nn.Linear do in reset_parameters, in the same order, so that a
 * seed means the same here and in Python: weights by kaiming_uniform(a = sqrt(5)), biases uniform
 * within 1 / sqrt(fan in). */
std::vector<at::Tensor> initial_parameters(const struct network &net)
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
        out.push_back(t);
    }
    return out;
}

bool torch_open(void **state, const struct network *net, const struct trainer_options *options,
                struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto t = std::make_unique<torch_trainer>();
        t->net = *net;
        t->options = *options;
        if (!digit::device_named(t->device, options->device, err))
            return false;
        be_deterministic(t->device);
        keep_memory();
        /* Adam's moments of weights that have died fall into numbers that processors are slow with.
         */
        at::globalContext().setFlushDenormal(true);
        if (options->threads > 0)
            at::set_num_threads(static_cast<int>(options->threads));
        torch::manual_seed(options->seed);
        t->optimizer =
            std::make_unique<digit::optimizer>(initial_parameters(*net), *options, t->device);
        *state = t.release();
        return true;
    });
}

/* Of every step its own random numbers. */
void seed_step(const torch_trainer &t)
{
    struct order_random random;
    order_seed_for(&random, t.options.seed, static_cast<uint64_t>(t.optimizer->steps()), 0);
    torch::manual_seed(order_next(&random));
}

/* What a network should answer, as probabilities. */
at::Tensor targets(const at::Tensor &labels, const at::Tensor &is_none)
{
    at::Tensor one_hot = at::one_hot(labels.masked_fill(is_none, 0), DIGIT_CLASSES);
    return one_hot.to(at::kFloat)
        .masked_fill(is_none.unsqueeze(1), 1.0F / static_cast<int>(DIGIT_CLASSES));
}

size_t count_right(const at::Tensor &y_hat, const at::Tensor &labels, const at::Tensor &is_none)
{
    at::Tensor is_unsure = std::get<0>(y_hat.softmax(1).max(1)).le(0.5);
    at::Tensor right = y_hat.argmax(1).eq(labels).logical_or(is_unsure.logical_and(is_none));
    return static_cast<size_t>(right.sum().item<int64_t>());
}

struct part_result {
    double loss_sum;
    size_t correct;
};

/* The gradient of `count` images' share in the mean over `all`. */
part_result learn(torch_trainer &t, const float *pixels, const uint8_t *labels, size_t count,
                  size_t all, bool is_first)
{
    auto n = static_cast<int64_t>(count);
    at::Tensor x = at::from_blob(const_cast<float *>(pixels), {n, 1, DIGIT_SIDE, DIGIT_SIDE},
                                 {DIGIT_PIXELS, 1, DIGIT_SIDE, 1}, at::kFloat);
    at::Tensor y = at::from_blob(const_cast<uint8_t *>(labels), {n}, at::kByte);
    x = x.to(t.device);
    y = y.to(t.device, at::kLong);
    at::Tensor y_hat = logits(t.net, t.optimizer->weights(), x, true);
    at::Tensor is_none = y.eq(TRAINER_NO_DIGIT);
    bool has_none = std::find(labels, labels + count, TRAINER_NO_DIGIT) != labels + count;
    at::Tensor mean = at::cross_entropy_loss(y_hat, has_none ? targets(y, is_none) : y, {},
                                             at::Reduction::Mean, -100, t.options.label_smoothing);
    at::Tensor share = at::full_like(mean, static_cast<double>(count) / static_cast<double>(all));
    t.optimizer->gather(torch::autograd::grad({mean}, t.optimizer->weights(), {share}), is_first);
    return {mean.item<double>() * static_cast<double>(count), count_right(y_hat, y, is_none)};
}

bool torch_step(void *state, const float *pixels, const uint8_t *labels, size_t count,
                double learning_rate, double *loss, size_t *correct, struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto &t = *static_cast<torch_trainer *>(state);
        double loss_sum = 0;
        *correct = 0;
        seed_step(t);
        for (size_t done = 0; done < count; done += part_max) {
            part_result part = learn(t, pixels + done * DIGIT_PIXELS, labels + done,
                                     std::min(count - done, part_max), count, done == 0);
            loss_sum += part.loss_sum;
            *correct += part.correct;
        }
        t.optimizer->step(learning_rate);
        *loss = loss_sum / static_cast<double>(count);
        return true;
    });
}

bool torch_predict(void *state, const float *pixels, size_t count, float *probabilities,
                   struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto &t = *static_cast<torch_trainer *>(state);
        c10::InferenceMode mode;
        auto forward = [&](const at::Tensor &x) {
            return logits(t.net, t.optimizer->result(), x, false);
        };
        digit::probabilities(probabilities, forward, t.device, pixels, count);
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
            at::Tensor w = t.optimizer->result()[i].to(at::kCPU).contiguous();
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

bool torch_load(void *state, const struct checkpoint *weights, struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto &t = *static_cast<torch_trainer *>(state);
        if (!network_check(&t.net, weights, err))
            return false;
        t.optimizer->assign(digit::parameters_from(t.net, weights, t.device));
        return true;
    });
}

bool torch_save(void *state, struct checkpoint *to, struct error *err) noexcept
{
    return digit::guarded(
        err, [&] { return static_cast<torch_trainer *>(state)->optimizer->save(to, err); });
}

bool torch_restore(void *state, const struct checkpoint *from, struct error *err) noexcept
{
    return digit::guarded(
        err, [&] { return static_cast<torch_trainer *>(state)->optimizer->restore(from, err); });
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
    torch_open, torch_step,    torch_predict,  torch_weights, torch_load,
    torch_save, torch_restore, torch_describe, torch_threads, torch_close,
};
}

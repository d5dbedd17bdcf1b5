/*
 * Adam, AdamW and SGD with torch.optim's arithmetic, operation for operation, so that the same seed
 * gives the same weights as torch::optim does. The trainer's thread; knows no network.
 */
#include "train/learning/torch_optimizer.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

namespace digit
{

static constexpr double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

windows windows_like(const std::vector<at::Tensor> &tensors, const at::Device &device)
{
    windows out;
    int64_t total = 0;
    for (const at::Tensor &t : tensors)
        total += t.numel();
    out.flat = at::zeros({total}, at::TensorOptions(device).dtype(at::kFloat));
    int64_t offset = 0;
    for (const at::Tensor &t : tensors) {
        out.tensors.push_back(out.flat.as_strided(t.sizes(), t.strides(), offset));
        offset += t.numel();
    }
    return out;
}

optimizer::optimizer(const std::vector<at::Tensor> &initial, const struct trainer_options &options,
                     const at::Device &device)
    : options_(options)
{
    at::NoGradGuard no_gradient;
    weights_ = windows_like(initial, device);
    gradient_ = windows_like(initial, device);
    average_ = averages() ? windows_like(initial, device) : weights_;
    first_ = at::zeros_like(weights_.flat);
    if (options.optimizer != TRAINER_SGD) {
        second_ = at::zeros_like(weights_.flat);
        scratch_ = at::empty_like(weights_.flat);
    }
    assign(initial);
    for (at::Tensor &t : weights_.tensors)
        t = t.detach().set_requires_grad(true);
}

void optimizer::assign(const std::vector<at::Tensor> &weights)
{
    at::NoGradGuard no_gradient;
    for (size_t i = 0; i < weights.size(); i++) {
        weights_.tensors[i].detach().copy_(weights[i]);
        if (averages())
            average_.tensors[i].copy_(weights[i]);
    }
}

void optimizer::gather(const std::vector<at::Tensor> &gradients, bool is_first)
{
    at::NoGradGuard no_gradient;
    for (size_t i = 0; i < gradients.size(); i++) {
        if (is_first)
            gradient_.tensors[i].copy_(gradients[i]);
        else
            gradient_.tensors[i].add_(gradients[i]);
    }
}

void optimizer::step_adam(double rate)
{
    const auto t = static_cast<double>(steps_);
    const double correction1 = 1 - std::pow(beta1, t), correction2 = 1 - std::pow(beta2, t);
    at::Tensor &weights = weights_.flat, &gradient = gradient_.flat;
    if (options_.weight_decay > 0) {
        if (options_.optimizer == TRAINER_ADAMW)
            weights.mul_(1 - rate * options_.weight_decay);
        else
            gradient.add_(weights, options_.weight_decay);
    }
    first_.mul_(beta1).add_(gradient, 1 - beta1);
    second_.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
    at::sqrt_out(scratch_, second_);
    scratch_.div_(std::sqrt(correction2)).add_(epsilon);
    weights.addcdiv_(first_, scratch_, -(rate / correction1));
}

void optimizer::step_sgd(double rate)
{
    at::Tensor &weights = weights_.flat, &gradient = gradient_.flat;
    if (options_.weight_decay > 0)
        gradient.add_(weights, options_.weight_decay);
    if (options_.momentum > 0) {
        first_.mul_(options_.momentum).add_(gradient);
        if (options_.nesterov)
            gradient.add_(first_, options_.momentum);
    }
    weights.add_(options_.momentum > 0 && !options_.nesterov ? first_ : gradient, -rate);
}

void optimizer::step(double rate)
{
    at::NoGradGuard no_gradient;
    steps_++;
    if (options_.optimizer == TRAINER_SGD)
        step_sgd(rate);
    else
        step_adam(rate);
    if (averages()) {
        const auto t = static_cast<double>(steps_);
        average_.flat.lerp_(weights_.flat, 1 - std::min(options_.average, (1 + t) / (10 + t)));
    }
}

std::vector<optimizer::part> optimizer::parts() const
{
    std::vector<part> out = {{"trainer.weights", weights_.flat}, {"trainer.moment1", first_}};
    if (second_.defined())
        out.push_back({"trainer.moment2", second_});
    if (averages())
        out.push_back({"trainer.average", average_.flat});
    return out;
}

/* A float holds 24 bits of a whole number: enough for no long run, so there are two. */
static constexpr int64_t steps_unit = 1 << 20;
static constexpr const char *steps_name = "trainer.steps";

bool optimizer::save(struct checkpoint *to, struct error *err) const
{
    c10::InferenceMode mode;
    const size_t two = 2, size = static_cast<size_t>(weights_.flat.numel());
    const float steps[two] = {static_cast<float>(steps_ / steps_unit),
                              static_cast<float>(steps_ % steps_unit)};
    for (const part &p : parts())
        if (!checkpoint_add(to, p.name, &size, 1, p.flat.to(at::kCPU).data_ptr<float>(), err))
            return false;
    return checkpoint_add(to, steps_name, &two, 1, steps, err);
}

bool optimizer::restore(const struct checkpoint *from, struct error *err)
{
    at::NoGradGuard no_gradient;
    const struct tensor *steps = checkpoint_find(from, steps_name);
    const int64_t size = weights_.flat.numel();
    for (const part &p : parts()) {
        const struct tensor *t = checkpoint_find(from, p.name);
        if (t == nullptr || t->count != static_cast<size_t>(size))
            return error_set(err, ERROR_BAD_MODEL, "'%s' is missing or of another size", p.name);
        p.flat.copy_(at::from_blob(t->data, {size}, at::kFloat));
    }
    if (steps == nullptr || steps->count != 2)
        return error_set(err, ERROR_BAD_MODEL, "'%s' is missing or of another size", steps_name);
    steps_ =
        static_cast<int64_t>(steps->data[0]) * steps_unit + static_cast<int64_t>(steps->data[1]);
    return true;
}

} // namespace digit

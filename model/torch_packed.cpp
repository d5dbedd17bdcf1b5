/*
 * The fast way through libtorch on a CPU: oneDNN's convolutions and linear layers with the ReLU
 * that follows, on weights that are laid out for them once, and images with the channels last.
 * Any thread; no state. Knows nothing of engines.
 *
 * These operators are libtorch's own, behind torch.compile: they are in no header, not in every
 * build, and have changed between versions. Therefore they are found by name at run time and called
 * with boxed arguments, so that one source does for every libtorch, and are tried before they are
 * trusted.
 */
#include "model/torch_packed.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>

extern "C" {
#include "model/digit.h"
}

namespace digit
{

using c10::IValue;
using values = std::vector<IValue>;

/* Throws where there is none. */
static c10::OperatorHandle operator_named(const char *name)
{
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "");
}

/* Arguments that are not given have their defaults. */
static at::Tensor call(const c10::OperatorHandle &op, values arguments)
{
    const auto &declared = op.schema().arguments();
    for (size_t i = arguments.size(); i < declared.size(); i++)
        arguments.push_back(declared[i].default_value().value());
    op.callBoxed(&arguments);
    return arguments.at(0).toTensor();
}

/* Calls the operator with what comes as its first argument, and these as the others. */
static forward step(const char *name, const values &others)
{
    return [op = operator_named(name), others](const at::Tensor &x) {
        values arguments{x};
        arguments.insert(arguments.end(), others.begin(), others.end());
        return call(op, std::move(arguments));
    };
}

static forward fused(const struct layer &l, const at::Tensor &weight, const at::Tensor &bias,
                     const char *then)
{
    const c10::impl::GenericList no_scalars(c10::OptionalType::create(c10::NumberType::get()));
    const IValue no_algorithm;
    if (l.kind == LAYER_LINEAR) {
        at::Tensor w = call(operator_named("mkldnn::_reorder_linear_weight"), {weight});
        return step("mkldnn::_linear_pointwise", {w, bias, then, no_scalars, no_algorithm});
    }
    const std::vector<int64_t> padding(2, static_cast<int64_t>(l.padding)), ones(2, 1);
    at::Tensor w = call(operator_named("mkldnn::_reorder_convolution_weight"), {weight, padding});
    return step("mkldnn::_convolution_pointwise",
                {w, bias, padding, ones, ones, 1, then, no_scalars, no_algorithm});
}

static std::vector<forward> steps_of(const struct network &net,
                                     const std::vector<at::Tensor> &parameters)
{
    std::vector<forward> steps;
    auto p = parameters.begin();
    size_t count = layers_before_normaliser(net);
    for (size_t i = 0; i < count; i++) {
        const struct layer &l = net.layers[i];
        if (l.kind != LAYER_CONV2D && l.kind != LAYER_LINEAR) {
            steps.push_back([l](const at::Tensor &x) { return output_of(l, nullptr, x, false); });
            continue;
        }
        bool relu = i + 1 < count && net.layers[i + 1].kind == LAYER_RELU;
        steps.push_back(fused(l, p[0], p[1], relu ? "relu" : "none"));
        p += 2;
        i += relu;
    }
    return steps;
}

/* One channel's images look the same with the channel first or last. The strides tell them apart,
 * and all layers keep the order that the first one finds. */
static at::Tensor channels_last(const at::Tensor &x)
{
    return x.reshape({x.size(0), DIGIT_SIDE, DIGIT_SIDE, 1}).permute({0, 3, 1, 2});
}

static bool agrees(const forward &f, const struct network &net,
                   const std::vector<at::Tensor> &parameters)
{
    auto seeded = at::make_generator<at::CPUGeneratorImpl>(1);
    for (int64_t count : {1, 2, 7, 64}) {
        at::Tensor x = at::rand({count, 1, DIGIT_SIDE, DIGIT_SIDE}, seeded);
        at::Tensor want = at::softmax(logits(net, parameters, x, false), 1);
        if (!at::allclose(at::softmax(f(x), 1), want, 0, 1e-5))
            return false;
    }
    return true;
}

forward packed(const struct network &net, const std::vector<at::Tensor> &parameters)
{
    try {
        forward f = [steps = steps_of(net, parameters)](const at::Tensor &pixels) {
            at::Tensor x = channels_last(pixels);
            for (const forward &step : steps)
                x = step(x);
            return x.reshape({x.size(0), DIGIT_CLASSES});
        };
        return agrees(f, net, parameters) ? f : nullptr;
    } catch (const std::bad_alloc &) {
        throw;
    } catch (const std::exception &) {
        return nullptr;
    }
}

} // namespace digit

/*
 * A network from its list of layers, on libtorch's operators. C++; for the plug-ins only.
 */
#ifndef DIGIT_TORCH_NETWORK_H
#define DIGIT_TORCH_NETWORK_H

#include <exception>
#include <functional>
#include <new>
#include <vector>

#include <ATen/ATen.h>
#include <torch/version.h>

extern "C" {
#include "model/checkpoint.h"
#include "model/error.h"
#include "model/network.h"
}

namespace digit
{

/* "libtorch 1.13.1" */
constexpr const char *library = "libtorch " TORCH_VERSION;

/* The device called "cpu" (also for NULL), "cuda", or "auto": cuda where there is one. Fails when
 * libtorch has no such device. */
bool device_named(at::Device &out, const char *name, struct error *err);

/* The weights in the order of network_parameter, copied to the device. They must have been checked
 * against the network. */
std::vector<at::Tensor> parameters_from(const struct network &net, const struct checkpoint *weights,
                                        const at::Device &device);

/* What the layer makes of x. `parameters` is where its weight and bias stand, if it has any.
 * Dropout works when `training`. */
at::Tensor output_of(const struct layer &l, const at::Tensor *parameters, const at::Tensor &input,
                     bool training);

/* How many layers come before a softmax or log_softmax at the network's end. */
size_t layers_before_normaliser(const struct network &net);

/* count x 10 logits of count x 1 x 28 x 28 pixels. A softmax or log_softmax at the network's end is
 * left out: softmax of these gives the probabilities whichever way the network ends. */
at::Tensor logits(const struct network &net, const std::vector<at::Tensor> &parameters,
                  at::Tensor pixels, bool training);

/* Pixels to logits, outside training. */
using forward = std::function<at::Tensor(const at::Tensor &)>;

/* Fills count x 10 probabilities. Goes through the pixels in parts, so that memory stays bounded.
 */
void probabilities(float *out, const forward &logits, const at::Device &device, const float *pixels,
                   size_t count);

/* Calls `work`; whatever it throws becomes the error. No exception may reach C. */
template <class Work> bool guarded(struct error *err, Work work) noexcept
{
    try {
        return work();
    } catch (const c10::Error &e) {
        return error_set(err, ERROR_ENGINE, "libtorch failed: %s", e.what_without_backtrace());
    } catch (const std::bad_alloc &) {
        return error_set(err, ERROR_OUT_OF_MEMORY, "libtorch found no memory");
    } catch (const std::exception &e) {
        return error_set(err, ERROR_ENGINE, "libtorch failed: %s", e.what());
    } catch (...) {
        return error_set(err, ERROR_ENGINE, "libtorch failed and did not say why");
    }
}

} // namespace digit

#endif

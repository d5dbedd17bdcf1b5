/*
 * The libtorch engine: a plug-in, so that the programs start without libtorch. Called from many
 * threads at once; after `open` nothing is written.
 *
 * A server's threads are its parallelism, so that each prediction runs on the thread that asks for
 * it: one intra-op thread, unless OMP_NUM_THREADS says otherwise. OpenMP keeps that number for each
 * thread apart, therefore every thread sets it once.
 *
 * What can be made ready from the weights is made ready once: packed weights, where this libtorch
 * can use them on this processor.
 */
#include <cstdlib>
#include <memory>
#include <string>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include "model/torch_network.h"
#include "model/torch_packed.h"

extern "C" {
#include "model/digit.h"
#include "model/engine.h"
}

namespace
{

struct torch_engine {
    at::Device device{at::kCPU};
    digit::forward logits;
    std::string description;
};

void limit_threads_of_this_thread()
{
    static thread_local const bool once = (at::init_num_threads(), true);
    (void)once;
}

void run(const torch_engine &e, const float *pixels, size_t count, float *probabilities)
{
    c10::InferenceMode mode;
    limit_threads_of_this_thread();
    digit::probabilities(probabilities, e.logits, e.device, pixels, count);
}

/* Lends what is said of the way that the network runs. */
const char *make_ready(torch_engine &e, const struct network &net, const struct checkpoint *weights)
{
    std::vector<at::Tensor> parameters = digit::parameters_from(net, weights, e.device);
    if (e.device.is_cpu())
        e.logits = digit::packed(net, parameters);
    if (e.logits)
        return "packed";
    e.logits = [net, parameters](const at::Tensor &pixels) {
        return digit::logits(net, parameters, pixels, false);
    };
    return "eager";
}

/* The first runs make what libtorch makes lazily: kernels, buffers, threads. */
void warm_up(const torch_engine &e)
{
    for (size_t count : {1, 1, 2}) {
        std::vector<float> pixels(count * DIGIT_PIXELS);
        std::vector<float> out(count * DIGIT_CLASSES);
        run(e, pixels.data(), count, out.data());
    }
}

bool torch_open(void **state, const struct network *net, const struct checkpoint *weights,
                const struct engine_options *options, struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        auto e = std::make_unique<torch_engine>();
        if (!digit::device_named(e->device, options->device, err))
            return false;
        /* Else convolutions on CUDA would round their factors to 10 bits. */
        at::globalContext().setAllowTF32CuDNN(false);
        if (std::getenv("OMP_NUM_THREADS") == nullptr)
            at::set_num_threads(1);
        c10::InferenceMode mode;
        const char *how = make_ready(*e, *net, weights);
        e->description = std::string(digit::library) + ", " + e->device.str() + ", " + how;
        warm_up(*e);
        *state = e.release();
        return true;
    });
}

bool torch_predict(void *state, const float *pixels, size_t count, float *probabilities,
                   struct error *err) noexcept
{
    return digit::guarded(err, [&] {
        run(*static_cast<const torch_engine *>(state), pixels, count, probabilities);
        return true;
    });
}

const char *torch_describe(const void *state) noexcept
{
    return static_cast<const torch_engine *>(state)->description.c_str();
}

void torch_close(void *state) noexcept
{
    delete static_cast<torch_engine *>(state);
}

} // namespace

extern "C" {
extern __attribute__((visibility("default"))) const struct engine_type digit_engine_torch;
const struct engine_type digit_engine_torch = {
    "torch", torch_open, torch_predict, torch_describe, torch_close,
};
}

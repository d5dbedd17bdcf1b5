/*
 * A network's weights in one piece of memory, and the optimisers that change them there: a step is
 * a few operations on one long vector, not the same few for each tensor. C++; for the trainer only.
 */
#ifndef DIGIT_TORCH_OPTIMIZER_H
#define DIGIT_TORCH_OPTIMIZER_H

#include <vector>

#include <ATen/ATen.h>

extern "C" {
#include "train/learning/trainer.h"
}

namespace digit
{

/* Tensors that are windows on one vector, in memory as the tensors they were made of. */
struct windows {
    at::Tensor flat;
    std::vector<at::Tensor> tensors;
};

windows windows_like(const std::vector<at::Tensor> &tensors, const at::Device &device);

class optimizer
{
  public:
    /* Starts from these tensors. */
    optimizer(const std::vector<at::Tensor> &initial, const struct trainer_options &options,
              const at::Device &device);

    /* What gradients are taken of. */
    const std::vector<at::Tensor> &weights() const
    {
        return weights_.tensors;
    }

    /* What is to be used outside training: their average where one is kept. */
    const std::vector<at::Tensor> &result() const
    {
        return averages() ? average_.tensors : weights_.tensors;
    }

    /* Sets the gradient, or adds to the one that is there. */
    void gather(const std::vector<at::Tensor> &gradients, bool is_first);

    void step(double rate);

    /* Steps taken until now. */
    int64_t steps() const
    {
        return steps_;
    }

    /* Overwrites the weights and their average. */
    void assign(const std::vector<at::Tensor> &weights);

    bool save(struct checkpoint *to, struct error *err) const;
    bool restore(const struct checkpoint *from, struct error *err);

  private:
    struct part {
        const char *name;
        at::Tensor flat;
    };

    bool averages() const
    {
        return options_.average > 0;
    }

    void step_adam(double rate);
    void step_sgd(double rate);
    std::vector<part> parts() const;

    struct trainer_options options_;
    windows weights_, gradient_, average_;
    at::Tensor first_, second_, scratch_; /* moments of the gradient; sgd has the first only */
    int64_t steps_ = 0;
};

} // namespace digit

#endif

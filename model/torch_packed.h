/*
 * A network on libtorch's fused oneDNN operators. C++; for the engine only.
 */
#ifndef DIGIT_TORCH_PACKED_H
#define DIGIT_TORCH_PACKED_H

#include "model/torch_network.h"

namespace digit
{

/* Packs the weights (on the CPU) once, for a forward that agrees with digit::logits. Empty where
 * this libtorch has not the operators for it, or where what they answer is not the same. */
forward packed(const struct network &net, const std::vector<at::Tensor> &parameters);

} // namespace digit

#endif

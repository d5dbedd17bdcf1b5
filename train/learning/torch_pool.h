/*
 * Max pooling of 2x2 pixels and relu in one pass, forwards and backwards: libtorch's own two take a
 * third of a training step's time, most of it for zeros and 64-bit places. C++; for the trainer
 * only.
 */
#ifndef DIGIT_TORCH_POOL_H
#define DIGIT_TORCH_POOL_H

#include <ATen/ATen.h>

namespace digit
{

/* relu(max_pool2d(x, 2)), with the same values and the same gradients bit for bit. */
at::Tensor pool_relu(const at::Tensor &x);

} // namespace digit

#endif

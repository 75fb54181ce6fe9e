// Convolutions on a GPU by cuDNN, with their work space from the arena.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/kernels/convolution_operands.hpp>
#include <glow/ops/cuda/convolution_choice.hpp>

namespace glow::ops::detail {

/// Pixels that one convolution takes at a time; it needs no temporaries but its bounded work space, and cuDNN
/// counts elements in 32 bits.
inline constexpr Index convolution_pixels = Index{1} << 18;

/// Runs the convolution on the current context's stream.
inline void convolve(const kernels::Convolution& c, const kernels::ConvolutionOperands& operands) {
  kernels::Convolutions& cudnn = cuda::Context::current().convolutions();
  const auto words = (cudnn.workspace_bytes(c, operands) + sizeof(float) - 1) / sizeof(float);
  const Scratch<float, Cuda> workspace(Shape{static_cast<Index>(words)});
  cudnn.run(c, operands, workspace.data());
}

/// A bias as convolutions take it: in their numbers, and where a whole vector can be read, which parameters
/// need not lie at.
template <class E>
class AlignedBias {
 public:
  AlignedBias(const float* bias, Index n) : own_(Shape{n}) {
    kernels::launch_copy_pixels(bias, n, n, 1, own_.data(), cuda::stream());
  }
  const E* data() const { return own_.data(); }

 private:
  Scratch<E, Cuda> own_;
};

}  // namespace glow::ops::detail

// Convolutions on a GPU by cuDNN, with their work space from the arena.
#pragma once

#include <algorithm>

#include <glow/core/counted.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/cuda/convolution_choice.hpp>
#include <glow/ops/kernels/convolution.hpp>
#include <glow/ops/kernels/convolution_operands.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

/// Pixels that one convolution takes at a time; it needs no temporaries but its bounded work space, and cuDNN
/// counts elements in 32 bits.
inline constexpr Index convolution_pixels = Index{1} << 18;

inline Index pixels_of(const kernels::Convolution& c) { return c.images * c.height * c.width; }

/// Bytes of work space to count for a convolution where there is no context whose plan tells: copies of all
/// three tensors for an input's gradient in full precision and for a kernel's in tf32, else none. The memory
/// of whole models then lies within 2% of what it is with cuDNN 9.19's plans for an H100 (docs/cuda.md).
inline std::size_t expected_workspace_bytes(const kernels::Convolution& c) {
  using enum kernels::ConvolutionPass;
  const bool copies = (c.precision == Precision::full && c.pass == input_gradient) ||
                      (c.precision == Precision::tf32 && c.pass == kernel_gradient);
  if (!copies) return 0;
  const Index numbers = pixels_of(c) * (c.in + c.out) + c.side * c.side * c.in * c.out;
  return std::min(static_cast<std::size_t>(numbers) * sizeof(float), kernels::largest_convolution_workspace);
}

/// cuDNN on the calling thread's stream. Throws CudaError where it does not fit or glow was built without it.
inline kernels::Convolutions& convolutions() {
  return cuda::Context::current().attached<kernels::Convolutions>();
}

/// Bytes of work space that the convolution takes on D.
template <OrCounted<Cuda> D>
std::size_t workspace_bytes(const kernels::Convolution& c, const kernels::ConvolutionOperands& operands) {
  if constexpr (is_counted<D>) {
    if (cuda::Context::existing() == nullptr) return expected_workspace_bytes(c);
  }
  return convolutions().workspace_bytes(c, operands);
}

/// Runs the convolution on the current context's stream.
template <OrCounted<Cuda> D>
void convolve(const kernels::Convolution& c, const kernels::ConvolutionOperands& operands) {
  const auto words = (workspace_bytes<D>(c, operands) + sizeof(float) - 1) / sizeof(float);
  const Scratch<float, D> workspace(Shape{static_cast<Index>(words)});
  if constexpr (is_counted<D>) return;
  convolutions().run(c, operands, workspace.data());
}

/// A bias as convolutions take it: in their numbers, and where a whole vector can be read, which parameters
/// need not lie at.
template <class E, OrCounted<Cuda> D>
class AlignedBias {
 public:
  AlignedBias(const float* bias, Index n) : own_(Shape{n}) {
    if constexpr (is_counted<D>) return;
    kernels::launch_copy_pixels(bias, n, n, 1, own_.data(), cuda::stream());
  }
  const E* data() const { return own_.data(); }

 private:
  Scratch<E, D> own_;
};

}  // namespace glow::ops::detail

// Convolutions by cuDNN, as implicit matrix products: no gathered copy of the neighbours. Defined in
// kernels/convolution_cudnn.cpp or, where glow is built without cuDNN, in kernels/convolution_none.cpp. Plain
// enough for a program without cuDNN's headers.
#pragma once

#include <compare>
#include <cstddef>
#include <memory>

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/core/precision.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Which product of a convolution y = x * kernel:
///   forward          y = x * kernel (+ bias, then max(., 0))     a = x, b = kernel
///   input_gradient   dx = or += dy * mirrored kernel             a = dy, b = kernel
///   kernel_gradient  dkernel = x^T dy over all pixels            a = x, b = dy
enum class ConvolutionPass { forward, input_gradient, kernel_gradient };

/// What a forward convolution does to its sums.
enum class ConvolutionEnd { plain, bias, bias_relu };

/// A convolution with stride 1 and the zero padding that keeps height and width, on packed tensors: x
/// [images, height, width, in], kernel [out, side, side, in], y [images, height, width, out]. All elements,
/// the bias [out] too, are float (Precision::full and tf32) or bf16; sums are float.
struct Convolution {
  ConvolutionPass pass;
  Precision precision;
  Index images, height, width, in, out;
  Index side = 3;  ///< 1 or 3
  ConvolutionEnd end = ConvolutionEnd::plain;
  bool add = false;  ///< to what the result holds; for input_gradient

  auto operator<=>(const Convolution&) const = default;
};

/// Memory of the GPU that a convolution reads and writes.
struct ConvolutionOperands {
  const void *a, *b;
  void* result;
  const void* bias = nullptr;  ///< for ConvolutionEnd::bias and bias_relu
};

/// Plans take no more work space than this; the fastest that does is chosen.
inline constexpr std::size_t largest_convolution_workspace = std::size_t{64} << 20;

/// Whether glow was built with cuDNN.
bool has_cudnn();

/// A handle of cuDNN on one stream, and the plans of the convolutions that it was asked for. A plan is chosen
/// at a convolution's first call; later calls neither allocate memory of the GPU nor wait, so they may be
/// captured in a graph. A plan is deterministic, takes at most largest_convolution_workspace, and needs no
/// compilation at run time; for Precision::full it does without tensor cores. Not for several threads at
/// once.
class Convolutions {
 public:
  /// Throws CudaError if glow was built without cuDNN, or if the library found at run time does not fit.
  explicit Convolutions(cudaStream_t stream);
  Convolutions(const Convolutions&) = delete;
  Convolutions& operator=(const Convolutions&) = delete;
  ~Convolutions();

  /// Bytes of work space that `run` takes for the same arguments. Throws CudaError if there is no plan.
  std::size_t workspace_bytes(const Convolution& c, const ConvolutionOperands& operands);

  /// Puts the convolution on the stream. Throws CudaError.
  void run(const Convolution& c, const ConvolutionOperands& operands, void* workspace);

 private:
  struct Plans;
  std::unique_ptr<Plans> plans_;
};

}  // namespace glow::kernels

// The twin of convolution_cudnn.cpp for a glow without cuDNN.
#include <glow/core/error.hpp>
#include <glow/ops/kernels/convolution.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

struct Convolutions::Plans {};

bool has_cudnn() { return false; }

Convolutions::Convolutions(cudaStream_t) {
  throw CudaError(
      "cuDNN: glow was built without it; build with -DGLOW_CUDNN=ON, or leave GLOW_CONV unset or set it to "
      "gather");
}

Convolutions::~Convolutions() = default;

std::size_t Convolutions::workspace_bytes(const Convolution&, const ConvolutionOperands&) { return 0; }

void Convolutions::run(const Convolution&, const ConvolutionOperands&, void*) {}

}  // namespace glow::kernels

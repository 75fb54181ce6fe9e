// Whether the current GPU can run what was compiled, found by loading an empty kernel.
#include <glow/ops/kernels/usable.hpp>

#include "common.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

__global__ void empty_kernel() {}

}  // namespace

cudaError_t usable() {
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(empty_kernel));
  cudaGetLastError();  // the caller has it
  return status;
}

const char* compiled_architectures() { return GLOW_CUDA_ARCHITECTURES; }

}  // namespace glow::kernels

#include <kernels/common.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

__global__ void static_and_dynamic_kernel(float* y) {
  GLOW_DYN_SHARED(float, dynamic);
  GLOW_SHARED(float, fixed, [6 * 1024]);
  dynamic[threadIdx.x] = fixed[threadIdx.x] = 1.0f;
  y[threadIdx.x] = dynamic[threadIdx.x];
}

__global__ void static_and_aligned_dynamic_kernel(float* y) {
  GLOW_DYN_SHARED_ALIGNED(1024, float, dynamic);
  GLOW_SHARED(float, fixed, [6 * 1024 - 4]);
  dynamic[threadIdx.x] = fixed[threadIdx.x] = 1.0f;
  y[threadIdx.x] = dynamic[threadIdx.x];
}

}  // namespace

void static_and_dynamic(float* y, std::size_t dynamic, cudaStream_t stream) {
  kernels::launch("static_and_dynamic", static_and_dynamic_kernel, dim3(1), dim3(1), dynamic, stream, y);
}

void static_and_aligned_dynamic(float* y, std::size_t dynamic, cudaStream_t stream) {
  kernels::launch("static_and_aligned_dynamic", static_and_aligned_dynamic_kernel, dim3(1), dim3(1), dynamic,
                  stream, y);
}

}  // namespace glow::test_kernels

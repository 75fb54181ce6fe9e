#include <kernels/common.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

__global__ void different_barriers_kernel(float* y) {
  if (threadIdx.x < 16) {
    __syncthreads();
  } else {
    __syncthreads();
  }
  y[threadIdx.x] = 1.0f;
}

__global__ void deadlock_kernel(float* y) {
  if (threadIdx.x < 3) {
    __syncwarp();
  } else {
    __syncthreads();
  }
  y[threadIdx.x] = 1.0f;
}

__global__ void mask_without_caller_kernel(float* y) { y[threadIdx.x] = __shfl_sync(0xFFFFu, 1.0f, 0); }

__global__ void shared_out_of_bounds_kernel(float* y) {
  GLOW_SHARED(float, buffer, [31]);
  buffer[threadIdx.x] = 1.0f;
  __syncthreads();
  y[threadIdx.x] = buffer[30 - threadIdx.x % 31];
}

__global__ void misaligned_shared_float4_kernel(float* y) {
  GLOW_SHARED(float, buffer, [128]);
  *reinterpret_cast<float4*>(buffer + 4 * threadIdx.x) = make_float4(1.0f, 2.0f, 3.0f, 4.0f);
  __syncthreads();
  y[threadIdx.x] = buffer[127 - threadIdx.x];
}

__global__ void too_much_shared_memory_kernel(float* y) {
  GLOW_SHARED(float, buffer, [12 * 1024 + 1]);
  buffer[threadIdx.x] = 1.0f;
  y[threadIdx.x] = buffer[threadIdx.x];
}

}  // namespace

void doomed(float* y, cudaStream_t stream, Bug bug) {
  void (*kernel)(float*) = deadlock_kernel;
  if (bug == Bug::different_barriers) kernel = different_barriers_kernel;
  if (bug == Bug::mask_without_caller) kernel = mask_without_caller_kernel;
  if (bug == Bug::shared_out_of_bounds) kernel = shared_out_of_bounds_kernel;
  if (bug == Bug::misaligned_shared_float4) kernel = misaligned_shared_float4_kernel;
  if (bug == Bug::too_much_shared_memory) kernel = too_much_shared_memory_kernel;
  kernels::launch("doomed", kernel, dim3(1), dim3(32), 0, stream, y);
}

}  // namespace glow::test_kernels

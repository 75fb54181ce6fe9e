#include <kernels/common.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

__global__ void warp_functions_kernel(int* y) {
  const unsigned all = 0xFFFFFFFFu;
  const int lane = threadIdx.x % 32;
  int* at = y + 10 * threadIdx.x;
  at[0] = __shfl_sync(all, lane, lane + 3, 8);
  at[1] = __shfl_up_sync(all, lane, 2, 16);
  at[2] = __shfl_down_sync(all, lane, 2, 16);
  at[3] = __shfl_xor_sync(all, lane, 5);
  at[4] = static_cast<int>(__ballot_sync(all, lane % 3 == 0));
  at[5] = __any_sync(all, lane == 7) + 2 * __all_sync(all, lane >= 0) + 4 * __any_sync(all, lane > 31);
  at[6] = __syncthreads_count(lane == 1);
  at[7] = __syncthreads_or(lane == 40) + 2 * __syncthreads_and(lane < 32);
  // Halves of a warp on their own.
  const unsigned half = lane < 16 ? 0xFFFFu : 0xFFFF0000u;
  at[8] = __shfl_sync(half, lane, lane < 16 ? 15 : 16);
  at[9] = static_cast<int>(__ballot_sync(half, 1));
}

// Half of the threads end at once; the others neither wait for them nor read what they never wrote.
__global__ void early_exit_kernel(float* y) {
  const int lane = threadIdx.x % 32;
  if (lane >= 16) return;
  GLOW_SHARED(float, buffer, [64]);
  const float absent = __shfl_down_sync(0xFFFFFFFFu, 1.0f, 16);
  const float present = __shfl_xor_sync(0xFFFFFFFFu, static_cast<float>(lane), 1);
  buffer[threadIdx.x] = present;
  __syncthreads();
  const float other = buffer[(threadIdx.x + 32) % 64];
  y[3 * threadIdx.x] = absent;
  y[3 * threadIdx.x + 1] = present;
  y[3 * threadIdx.x + 2] = other;
}

}  // namespace

void warp_functions(int* y, cudaStream_t stream) {
  kernels::launch("warp_functions", warp_functions_kernel, dim3(1), dim3(64), 0, stream, y);
}

void early_exit(float* y, cudaStream_t stream) {
  kernels::launch("early_exit", early_exit_kernel, dim3(1), dim3(64), 0, stream, y);
}

}  // namespace glow::test_kernels

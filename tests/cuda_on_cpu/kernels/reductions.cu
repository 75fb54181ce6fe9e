#include <kernels/common.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

constexpr int threads = 256;

template <Bug bug>
__device__ float block_sum(float x) {
  GLOW_SHARED(float, sums, [threads]);
  sums[threadIdx.x] = x;
  __syncthreads();
  for (unsigned half = threads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
    if (bug != Bug::no_barrier_in_reduction) __syncthreads();
  }
  return sums[0];
}

template <Bug bug>
__global__ void block_sums_kernel(const float* __restrict__ x, float* __restrict__ sums, int n) {
  const int i = blockIdx.x * threads + threadIdx.x;
  const float sum = block_sum<bug>(i < n ? x[i] : 0.0f);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

__global__ void warp_sums_kernel(const float* __restrict__ x, float* __restrict__ sums, int n) {
  GLOW_SHARED(float, of_warp, [threads / 32]);
  const int i = blockIdx.x * threads + threadIdx.x;
  float sum = i < n ? x[i] : 0.0f;
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xFFFFFFFFu, sum, distance);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x < threads / 32) {
    sum = of_warp[threadIdx.x];
    for (int distance = threads / 64; distance > 0; distance /= 2) {
      sum += __shfl_down_sync(0xFFu, sum, distance, threads / 32);
    }
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
  }
}

template <Bug bug>
__global__ void total_kernel(const float* __restrict__ x, float* partial, unsigned* finished, float* total,
                             int n) {
  GLOW_SHARED(bool, is_last, );
  const int i = blockIdx.x * threads + threadIdx.x;
  const float sum = block_sum<Bug::none>(i < n ? x[i] : 0.0f);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
    if (bug != Bug::race_without_fence) __threadfence();
    is_last = atomicInc(finished, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (is_last && threadIdx.x == 0) {
    if (bug != Bug::race_without_fence) __threadfence();
    float all = 0.0f;
    for (unsigned b = 0; b < gridDim.x; ++b) all += partial[b];
    *total = all;
  }
}

unsigned blocks_for(int n) { return static_cast<unsigned>((n + threads - 1) / threads); }

}  // namespace

void block_sums(const float* x, float* sums, int n, cudaStream_t stream, Bug bug) {
  const auto kernel =
      bug == Bug::none ? block_sums_kernel<Bug::none> : block_sums_kernel<Bug::no_barrier_in_reduction>;
  kernels::launch("block_sums", kernel, dim3(blocks_for(n)), dim3(threads), 0, stream, x, sums, n);
}

void warp_sums(const float* x, float* sums, int n, cudaStream_t stream) {
  kernels::launch("warp_sums", warp_sums_kernel, dim3(blocks_for(n)), dim3(threads), 0, stream, x, sums, n);
}

void total(const float* x, float* partial, unsigned* finished, float* total, int n, cudaStream_t stream,
           Bug bug) {
  const auto kernel = bug == Bug::none ? total_kernel<Bug::none> : total_kernel<Bug::race_without_fence>;
  kernels::launch("total", kernel, dim3(blocks_for(n)), dim3(threads), 0, stream, x, partial, finished, total,
                  n);
}

}  // namespace glow::test_kernels

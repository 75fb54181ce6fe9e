#include <kernels/common.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

__global__ void copy_kernel(const float* __restrict__ x, float* __restrict__ y, int n) {
  const int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i + 4 <= n) {
    *reinterpret_cast<float4*>(y + i) = *reinterpret_cast<const float4*>(x + i);
  } else {
    for (int j = i; j < n; ++j) y[j] = __ldg(x + j);
  }
}

__global__ void count_kernel(const float* __restrict__ x, int* count, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && x[i] > 0.0f) atomicAdd(count, 1);
}

__global__ void racing_count_kernel(const float* __restrict__ x, int* count, int n) {
  if (threadIdx.x != 0) return;
  int found = 0;
  for (int i = blockIdx.x * blockDim.x; i < n && i < static_cast<int>((blockIdx.x + 1) * blockDim.x); ++i) {
    found += x[i] > 0.0f;
  }
  *count += found;  // the bug
}

__global__ void coordinates_kernel(int* y) {
  const int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  int* at = y + 6 * (block * static_cast<int>(blockDim.x * blockDim.y * blockDim.z) + thread);
  at[0] = threadIdx.x;
  at[1] = threadIdx.y;
  at[2] = threadIdx.z;
  at[3] = blockIdx.x;
  at[4] = blockIdx.y;
  at[5] = blockIdx.z;
}

int blocks_for(int n, int each) { return (n + each - 1) / each; }

}  // namespace

void copy(const float* x, float* y, int n, cudaStream_t stream, Bug bug) {
  if (bug == Bug::global_out_of_bounds) ++n;
  if (bug == Bug::misaligned_float4) {
    ++x;
    --n;
  }
  kernels::launch("copy", copy_kernel, dim3(blocks_for(n, 4 * 64)), dim3(64), 0, stream, x, y, n);
}

void count_positive(const float* x, int* count, int n, cudaStream_t stream, Bug bug) {
  const auto kernel = bug == Bug::race_between_blocks ? racing_count_kernel : count_kernel;
  kernels::launch("count_positive", kernel, dim3(blocks_for(n, 128)), dim3(128), 0, stream, x, count, n);
}

void coordinates(int* y, dim3 grid, dim3 block, cudaStream_t stream) {
  kernels::launch("coordinates", coordinates_kernel, grid, block, 0, stream, y);
}

}  // namespace glow::test_kernels

#include <kernels/ptx.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

using kernels::cp_async_16;
using kernels::cp_async_commit;
using kernels::cp_async_wait;

constexpr int threads = 128;
constexpr int tile = 4 * threads;

// One block takes all tiles in turn: while it works on one, the next is on its way.
template <Bug bug>
__global__ void pipelined_kernel(const float* __restrict__ x, float* __restrict__ y, int n) {
  GLOW_SHARED_ALIGNED(16, float, tiles, [2][tile]);
  const int tiles_in_all = n / tile;
  const auto begin = [&](int i) {
    const bool exists = i < tiles_in_all;
    cp_async_16(&tiles[i % 2][4 * threadIdx.x], exists ? x + i * tile + 4 * threadIdx.x : x, exists);
    cp_async_commit();
  };
  begin(0);
  for (int i = 0; i < tiles_in_all; ++i) {
    begin(i + 1);
    if (bug != Bug::no_wait_for_copy) cp_async_wait<1>();
    __syncthreads();
    for (int j = threadIdx.x; j < tile; j += threads)
      y[i * tile + j] = tiles[i % 2][j] + tiles[i % 2][tile - 1 - j];
    if (bug != Bug::copy_over_a_tile_in_use) __syncthreads();
  }
}

template <Bug bug>
__global__ void reverse_blocks_kernel(const float* __restrict__ x, float* __restrict__ y) {
  GLOW_DYN_SHARED(float, buffer);
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  buffer[threadIdx.x + (bug == Bug::dynamic_shared_out_of_bounds ? 1 : 0)] = x[i];
  __syncthreads();
  y[i] = buffer[blockDim.x - 1 - threadIdx.x];
}

}  // namespace

void pipelined(const float* x, float* y, int n, cudaStream_t stream, Bug bug) {
  auto kernel = pipelined_kernel<Bug::none>;
  if (bug == Bug::no_wait_for_copy) kernel = pipelined_kernel<Bug::no_wait_for_copy>;
  if (bug == Bug::copy_over_a_tile_in_use) kernel = pipelined_kernel<Bug::copy_over_a_tile_in_use>;
  kernels::launch("pipelined", kernel, dim3(1), dim3(threads), 0, stream, x, y, n);
}

void reverse_blocks(const float* x, float* y, int n, int block, cudaStream_t stream, Bug bug) {
  const auto kernel = bug == Bug::none ? reverse_blocks_kernel<Bug::none>
                                       : reverse_blocks_kernel<Bug::dynamic_shared_out_of_bounds>;
  kernels::launch("reverse_blocks", kernel, dim3(n / block), dim3(block), block * sizeof(float), stream, x,
                  y);
}

}  // namespace glow::test_kernels

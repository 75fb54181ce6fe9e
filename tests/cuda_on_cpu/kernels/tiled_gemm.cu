#include <kernels/common.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

constexpr int tile = 16;

template <Bug bug>
__global__ void tiled_gemm_kernel(const float* __restrict__ a, const float* __restrict__ b,
                                  float* __restrict__ c, int m, int n, int k) {
  GLOW_SHARED(float, tile_a, [tile][tile]);
  GLOW_SHARED(float, tile_b, [tile][tile + 1]);
  const int tx = threadIdx.x;
  const int ty = threadIdx.y;
  const int row = blockIdx.y * tile + ty;
  const int column = blockIdx.x * tile + tx;
  float sum = 0.0f;
  for (int first = 0; first < k; first += tile) {
    tile_a[ty][tx] = row < m && first + tx < k ? a[row * k + first + tx] : 0.0f;
    tile_b[ty][tx] = first + ty < k && column < n ? b[(first + ty) * n + column] : 0.0f;
    if (bug != Bug::no_barrier_after_load) __syncthreads();
    for (int i = 0; i < tile; ++i) sum = fmaf(tile_a[ty][i], tile_b[i][tx], sum);
    if (bug != Bug::no_trailing_barrier) __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}

}  // namespace

void tiled_gemm(const float* a, const float* b, float* c, int m, int n, int k, cudaStream_t stream, Bug bug) {
  auto kernel = tiled_gemm_kernel<Bug::none>;
  if (bug == Bug::no_barrier_after_load) kernel = tiled_gemm_kernel<Bug::no_barrier_after_load>;
  if (bug == Bug::no_trailing_barrier) kernel = tiled_gemm_kernel<Bug::no_trailing_barrier>;
  const dim3 grid((n + tile - 1) / tile, (m + tile - 1) / tile);
  kernels::launch("tiled_gemm", kernel, grid, dim3(tile, tile), 0, stream, a, b, c, m, n, k);
}

}  // namespace glow::test_kernels

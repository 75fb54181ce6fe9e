#include <kernels/ptx.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

using kernels::ldmatrix_x4;
using kernels::ldmatrix_x4_trans;
using kernels::mma_m16n8k16_bf16;
using kernels::mma_m16n8k8_tf32;
using kernels::to_tf32;

constexpr int tile = 16;
constexpr int padded = tile + 8;  // rows of 48 bytes: eight of them touch all banks once

// Adds the warp's D [16, 8] to C from `column` on.
__device__ void store(float* c, int n, int column, const float (&d)[4]) {
  const int g = threadIdx.x / 4;
  const int t = threadIdx.x % 4;
  for (int i = 0; i < 4; ++i) c[(g + 8 * (i / 2)) * n + column + 2 * t + i % 2] = d[i];
}

// One warp, 16 x 16 of C.
__global__ void bf16_gemm_kernel(const __nv_bfloat16* __restrict__ a, const __nv_bfloat16* __restrict__ b,
                                 float* __restrict__ c, int n, int k) {
  GLOW_SHARED_ALIGNED(16, __nv_bfloat16, tile_a, [tile][padded]);
  GLOW_SHARED_ALIGNED(16, __nv_bfloat16, tile_b, [tile][padded]);
  const int row0 = blockIdx.y * tile;
  const int column0 = blockIdx.x * tile;
  const int lane = threadIdx.x;
  float d[2][4] = {};
  for (int k0 = 0; k0 < k; k0 += tile) {
    for (int i = lane; i < tile * tile; i += 32) {
      tile_a[i / tile][i % tile] = a[(row0 + i / tile) * k + k0 + i % tile];
      tile_b[i / tile][i % tile] = b[(k0 + i / tile) * n + column0 + i % tile];
    }
    __syncwarp();
    unsigned fa[4], fb[4];
    const int row = lane % 8 + 8 * (lane / 8 % 2);
    ldmatrix_x4(fa, &tile_a[row][8 * (lane / 16)]);
    ldmatrix_x4_trans(fb, &tile_b[row][8 * (lane / 16)]);
    const unsigned left[2] = {fb[0], fb[1]};
    const unsigned right[2] = {fb[2], fb[3]};
    mma_m16n8k16_bf16(d[0], fa, left);
    mma_m16n8k16_bf16(d[1], fa, right);
    __syncwarp();
  }
  store(c + row0 * n, n, column0, d[0]);
  store(c + row0 * n, n, column0 + 8, d[1]);
}

// One warp, 16 x 8 of C.
__global__ void tf32_gemm_kernel(const float* __restrict__ a, const float* __restrict__ b,
                                 float* __restrict__ c, int n, int k) {
  const int row0 = blockIdx.y * tile;
  const int column0 = blockIdx.x * 8;
  const int g = threadIdx.x / 4;
  const int t = threadIdx.x % 4;
  float d[4] = {};
  for (int k0 = 0; k0 < k; k0 += 8) {
    unsigned fa[4], fb[2];
    for (int i = 0; i < 4; ++i) fa[i] = to_tf32(a[(row0 + g + 8 * (i % 2)) * k + k0 + t + 4 * (i / 2)]);
    for (int i = 0; i < 2; ++i) fb[i] = to_tf32(b[(k0 + t + 4 * i) * n + column0 + g]);
    mma_m16n8k8_tf32(d, fa, fb);
  }
  store(c + row0 * n, n, column0, d);
}

}  // namespace

void bf16_gemm(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c, int m, int n, int k,
               cudaStream_t stream) {
  kernels::launch("bf16_gemm", bf16_gemm_kernel, dim3(n / tile, m / tile), dim3(32), 0, stream, a, b, c, n,
                  k);
}

void tf32_gemm(const float* a, const float* b, float* c, int m, int n, int k, cudaStream_t stream) {
  kernels::launch("tf32_gemm", tf32_gemm_kernel, dim3(n / 8, m / tile), dim3(32), 0, stream, a, b, c, n, k);
}

}  // namespace glow::test_kernels

// The matrix of an invertible 1x1 convolution, W = P L U' with U' = U + diag(sign_s exp(log_s)), L unit lower
// and U strictly upper triangular, all [c, c]: W and W^-1 from the factors (=), packed operands (=), and dW
// pulled back to the factors (+=): with D = P^T dW, dL = D U'^T below the diagonal, dU' = L^T D on and above.
// Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018,
// section 3.2.
#include <cmath>

#include <glow/ops/kernels/conv1x1.hpp>

#include "pixel_product.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class T>
struct Factors {
  const T *permutation, *lower, *upper, *log_s, *sign_s;
  unsigned c;

  __device__ T diagonal(unsigned i) const { return sign_s[i] * std::exp(log_s[i]); }
  // Elements of L and U'.
  __device__ T l(unsigned i, unsigned j) const { return j < i ? lower[i * c + j] : j == i ? T(1) : T(0); }
  __device__ T u(unsigned i, unsigned j) const {
    return j > i ? upper[i * c + j] : j == i ? diagonal(i) : T(0);
  }
};

// The sum of row[k] v[k] over first <= k < last, in every lane of a warp.
template <class T>
__device__ T dot(const T* __restrict__ row, const T* v, unsigned first, unsigned last) {
  T sum = 0;
  for (unsigned k = first + threadIdx.x % 32; k < last; k += 32) sum += row[k] * v[k];
  return warp_sum(sum);
}

// A warp's column j of W = P L U'; a and b are shared memory for c numbers each.
template <class T>
__device__ void multiply_column(const Factors<T>& f, unsigned j, T* a, T* b, T* weight) {
  const unsigned c = f.c, lane = threadIdx.x % 32;
  for (unsigned k = lane; k < c; k += 32) a[k] = f.u(k, j);
  __syncwarp();
  for (unsigned i = 0; i < c; ++i) {
    const T sum = dot(f.lower + i * c, a, 0, i);
    if (lane == 0) b[i] = a[i] + sum;
  }
  __syncwarp();
  for (unsigned i = 0; i < c; ++i) {
    const T sum = dot(f.permutation + i * c, b, 0, c);
    if (lane == 0) weight[i * c + j] = sum;
  }
}

// A warp's column j of W^-1 = U'^-1 L^-1 P^T, by substitution; a is shared memory for c numbers.
template <class T>
__device__ void solve_column(const Factors<T>& f, unsigned j, T* a, T* inverse) {
  const unsigned c = f.c, lane = threadIdx.x % 32;
  for (unsigned k = lane; k < c; k += 32) a[k] = f.permutation[j * c + k];
  __syncwarp();
  for (unsigned i = 0; i < c; ++i) {
    const T sum = dot(f.lower + i * c, a, 0, i);
    if (lane == 0) a[i] -= sum;
    __syncwarp();
  }
  for (unsigned i = c; i-- > 0;) {
    const T sum = dot(f.upper + i * c, a, i + 1, c), divisor = f.diagonal(i);
    if (lane == 0) a[i] = (a[i] - sum) / divisor;
    __syncwarp();
  }
  for (unsigned k = lane; k < c; k += 32) inverse[k * c + j] = a[k];
}

// One warp a column, first those of W, then those of W^-1.
template <class T>
__global__ void __launch_bounds__(128)
    conv1x1_assemble_kernel(Factors<T> f, T* __restrict__ weight, T* __restrict__ inverse) {
  GLOW_DYN_SHARED(T, shared);
  const unsigned column = (blockIdx.x * 128 + threadIdx.x) / 32;
  T* const a = shared + threadIdx.x / 32 * 2 * f.c;
  if (column < f.c) {
    multiply_column(f, column, a, a + f.c, weight);
  } else if (column < 2 * f.c) {
    solve_column(f, column - f.c, a, inverse);
  }
}

template <class T>
__global__ void __launch_bounds__(256) conv1x1_pack_kernel(const T* __restrict__ m, T* __restrict__ packed,
                                                           T* __restrict__ packed_t, unsigned c) {
  const unsigned stride = stride_of(c), i = blockIdx.x * 256 + threadIdx.x, k = i / stride, j = i % stride;
  if (k >= c) return;
  packed[i] = j < c ? m[j * c + k] : T(0);
  if (packed_t != nullptr) packed_t[i] = j < c ? m[k * c + j] : T(0);
}

constexpr unsigned edge = 16;  // of the tiles of `product`

// Element (row, column) = (16 blockIdx.y + threadIdx.y, 16 blockIdx.x + threadIdx.x) of A B, [c, c]; a(i, k)
// and b(k, j) are asked for in the order in which they lie in memory, transposed or not.
template <bool a_transposed, bool b_transposed, class T, class A, class B>
__device__ T product(unsigned c, unsigned row, unsigned column, A a, B b) {
  GLOW_SHARED(T, tile_a, [edge][edge + 1]);
  GLOW_SHARED(T, tile_b, [edge][edge + 1]);
  const unsigned y = threadIdx.x / edge, x = threadIdx.x % edge;
  const unsigned ai = a_transposed ? x : y, ak = a_transposed ? y : x;
  const unsigned bk = b_transposed ? x : y, bj = b_transposed ? y : x;
  T sum = 0;
  for (unsigned k = 0; k < c; k += edge) {
    tile_a[ai][ak] = row + ai < c && k + ak < c ? a(row + ai, k + ak) : T(0);
    tile_b[bk][bj] = k + bk < c && column + bj < c ? b(k + bk, column + bj) : T(0);
    __syncthreads();
    for (unsigned i = 0; i < edge; ++i) sum += tile_a[y][i] * tile_b[i][x];
    __syncthreads();
  }
  return sum;
}

// d = P^T dW.
template <class T>
__global__ void __launch_bounds__(edge* edge)
    conv1x1_unpermute_kernel(Factors<T> f, const T* __restrict__ d_weight, T* __restrict__ d) {
  const unsigned tiles = (f.c + edge - 1) / edge, c = f.c;
  const unsigned row = blockIdx.x / tiles * edge, column = blockIdx.x % tiles * edge;
  const T sum = product<true, false, T>(
      c, row, column, [&](unsigned i, unsigned k) { return f.permutation[k * c + i]; },
      [&](unsigned k, unsigned j) { return d_weight[k * c + j]; });
  const unsigned i = row + threadIdx.x / edge, j = column + threadIdx.x % edge;
  if (i < c && j < c) d[i * c + j] = sum;
}

// Tiles below the diagonal are those of dL, tiles above it those of dU'; on the diagonal a block takes both.
template <class T>
__global__ void __launch_bounds__(edge* edge)
    conv1x1_pull_back_kernel(Factors<T> f, const T* __restrict__ d, T* __restrict__ d_lower,
                             T* __restrict__ d_upper, T* __restrict__ d_log_s) {
  const unsigned tiles = (f.c + edge - 1) / edge, c = f.c;
  const unsigned row = blockIdx.x / tiles * edge, column = blockIdx.x % tiles * edge;
  const unsigned i = row + threadIdx.x / edge, j = column + threadIdx.x % edge;
  if (row >= column) {
    const T sum = product<false, true, T>(
        c, row, column, [&](unsigned r, unsigned k) { return d[r * c + k]; },
        [&](unsigned k, unsigned r) { return f.u(r, k); });
    if (i < c && j < i) d_lower[i * c + j] += sum;
  }
  if (column >= row) {
    const T sum = product<true, false, T>(
        c, row, column, [&](unsigned r, unsigned k) { return f.l(k, r); },
        [&](unsigned k, unsigned r) { return d[k * c + r]; });
    if (j < c && j > i) d_upper[i * c + j] += sum;
    if (j < c && j == i) d_log_s[i] += sum * f.diagonal(i);
  }
}

}  // namespace

template <class T>
void launch_conv1x1_pack(const T* m, T* packed, T* packed_t, Index c, cudaStream_t stream) {
  const unsigned channels = static_cast<unsigned>(c);
  launch("conv1x1_pack", conv1x1_pack_kernel<T>, dim3(blocks_of(c * stride_of(channels), 256)), dim3(256), 0,
         stream, m, packed, packed_t, channels);
}

template <class T>
void launch_conv1x1_assemble(const T* permutation, const T* lower, const T* upper, const T* log_s,
                             const T* sign_s, T* weight, T* inverse, Index c, cudaStream_t stream) {
  const Factors<T> factors{permutation, lower, upper, log_s, sign_s, static_cast<unsigned>(c)};
  launch("conv1x1_assemble", conv1x1_assemble_kernel<T>, dim3(blocks_of(2 * c, 4)), dim3(128),
         static_cast<std::size_t>(8 * c) * sizeof(T), stream, factors, weight, inverse);
}

template <class T>
void launch_conv1x1_pull_back(const T* permutation, const T* lower, const T* upper, const T* log_s,
                              const T* sign_s, const T* d_weight, T* work, T* d_lower, T* d_upper, T* d_log_s,
                              Index c, cudaStream_t stream) {
  const Factors<T> factors{permutation, lower, upper, log_s, sign_s, static_cast<unsigned>(c)};
  const dim3 grid(blocks_of(c, edge) * blocks_of(c, edge)), block(edge * edge);
  launch("conv1x1_pull_back", conv1x1_unpermute_kernel<T>, grid, block, 0, stream, factors, d_weight, work);
  launch("conv1x1_pull_back", conv1x1_pull_back_kernel<T>, grid, block, 0, stream, factors, work, d_lower,
         d_upper, d_log_s);
}

#define GLOW_INSTANTIATE(T)                                                                                  \
  template void launch_conv1x1_pack(const T*, T*, T*, Index, cudaStream_t);                                  \
  template void launch_conv1x1_assemble(const T*, const T*, const T*, const T*, const T*, T*, T*, Index,     \
                                        cudaStream_t);                                                       \
  template void launch_conv1x1_pull_back(const T*, const T*, const T*, const T*, const T*, const T*, T*, T*, \
                                         T*, T*, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels

// Invertible 1x1 convolution, y = W x at every pixel of x [pixels, c], in place (=); its weights' gradient,
// dW = sum over pixels of dy x^T (=). Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible
// 1x1 Convolutions, NeurIPS 2018, section 3.2.
#include <glow/ops/kernels/conv1x1.hpp>

#include "columns.cuh"
#include "outer_product.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class T, int N>
__global__ void __launch_bounds__(multipliers)
    conv1x1_apply_kernel(const T* __restrict__ packed, T* __restrict__ x, Index pixels, unsigned c,
                         unsigned tile_rows) {
  GLOW_DYN_SHARED(T, tile);
  pixel_product<N>(packed, x, tile, pixels, c, tile_rows, Same{}, Same{});
}

template <class T, int N>
__global__ void __launch_bounds__(outer_threads, 2)
    conv1x1_weight_gradient_kernel(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ part,
                                   Index pixels, unsigned c, unsigned tile_rows) {
  GLOW_DYN_SHARED(T, shared);
  T* const tile_dy = shared + tile_rows * stride_of(c);
  OuterSum<T> sum(c);
  const Index step = Index{gridDim.x} * tile_rows;
  for (Index first = Index{blockIdx.x} * tile_rows; first < pixels; first += step) {
    const unsigned rows = pixels - first < tile_rows ? static_cast<unsigned>(pixels - first) : tile_rows;
    load_tile<N, outer_threads>(x + first * c, shared, rows, c, Same{});
    load_tile<N, outer_threads>(dy + first * c, tile_dy, rows, c, Same{});
    __syncthreads();
    sum.add(tile_dy, shared, rows);
    __syncthreads();
  }
  sum.write(shared, part + Index{blockIdx.x} * c * c);
}

template <class T>
struct Assign {
  T* to;
  __device__ void operator()(Index column, const T (&total)[1]) const { to[column] = total[0]; }
};

}  // namespace

template <class T>
void launch_conv1x1_apply(const T* packed, T* x, Index pixels, Index c, cudaStream_t stream) {
  if (pixels == 0) return;
  const unsigned channels = static_cast<unsigned>(c), rows = product_rows<T>(pixels, channels);
  with_width<T>(
      [&](auto width) {
        launch("conv1x1_apply", conv1x1_apply_kernel<T, decltype(width)::value>,
               dim3(blocks_of(pixels, rows)), dim3(multipliers), rows * stride_of(channels) * sizeof(T),
               stream, packed, x, pixels, channels, rows);
      },
      c, x);
}

template <class T>
void launch_conv1x1_weight_gradient(const T* x, const T* dy, T* part, T* d_weight, Index pixels, Index c,
                                    cudaStream_t stream) {
  const unsigned channels = static_cast<unsigned>(c);
  const OuterGrid<T> grid(pixels, channels, 2);
  with_width<T>(
      [&](auto width) {
        if (pixels == 0) return;
        launch("conv1x1_weight_gradient", conv1x1_weight_gradient_kernel<T, decltype(width)::value>,
               dim3(grid.blocks), dim3(outer_threads), grid.shared_bytes, stream, x, dy, part, pixels,
               channels, grid.tile_rows);
      },
      c, x, dy);
  launch_sum_parts<1>("conv1x1_weight_gradient", part, Index{grid.blocks}, c * c, Assign<T>{d_weight},
                      stream);
}

#define GLOW_INSTANTIATE(T)                                                     \
  template void launch_conv1x1_apply(const T*, T*, Index, Index, cudaStream_t); \
  template void launch_conv1x1_weight_gradient(const T*, const T*, T*, T*, Index, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels

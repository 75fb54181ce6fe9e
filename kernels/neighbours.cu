// The two halves of a 3x3 convolution beside its matrix product, for zero padding:
//   gather   out[p, t, c] = x[neighbour t of p, c]                         out [pixels, 9, channels] = ...
//   sum      out[p, c] += sum over t of parts[neighbour t of p, t, c]      out [pixels, channels]   += ...
// The sum reads what others have written, in the order of the taps, so that it needs no atomics.
#include <glow/ops/kernels/neighbours.hpp>

#include "blocks.cuh"
#include "gather.cuh"
#include "lanes.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

constexpr int block_columns = 256;

// A block takes 64 pixels and 256 columns.
template <class T, class E>
__global__ void __launch_bounds__(tile_threads)
    gather_neighbours_kernel(Images<T> x, int reach, Index pixels, E* __restrict__ out, int pitch) {
  const Index first = Index{blockIdx.x} * tile_pixels;
  const int rows = pixels - first < tile_pixels ? static_cast<int>(pixels - first) : tile_pixels;
  const int begin = static_cast<int>(blockIdx.y) * block_columns;
  const int end = begin + block_columns < pitch ? begin + block_columns : pitch;
  gather_tile<false>(x, reach, first, rows, begin, end, out + first * pitch, pitch);
}

// A thread takes a channel of a pixel, or every 256th.
template <class T>
__global__ void __launch_bounds__(256)
    sum_neighbours_kernel(const T* __restrict__ parts, Index pitch, ops::PixelGrid grid, Index channels,
                          Index reach, Index pixels, T* __restrict__ out, Index stride, unsigned lanes) {
  const Index p = Index{blockIdx.x} * (256 / lanes) + threadIdx.x / lanes;
  if (p >= pixels) return;
  for (Index c = threadIdx.x % lanes; c < channels; c += lanes) {
    T sum = 0;
    ops::detail::for_each_tap(grid, reach, p, [&](Index tap, Index neighbour) {
      sum += parts[neighbour * pitch + tap * channels + c];
    });
    out[p * stride + c] += sum;
  }
}

}  // namespace

template <class T, class E>
void launch_gather_neighbours(const T* x, Index stride, Index height, Index width, Index channels,
                              ops::Taps direction, Index pixels, E* out, Index pitch, cudaStream_t stream,
                              Index dilation) {
  const Images<T> images{x, stride, {height, width}, static_cast<int>(channels)};
  launch("gather_neighbours", gather_neighbours_kernel<T, E>,
         dim3(blocks_of(pixels, tile_pixels), blocks_of(pitch, block_columns)), dim3(tile_threads), 0, stream,
         images, static_cast<int>(direction) * static_cast<int>(dilation), pixels, out,
         static_cast<int>(pitch));
}

template <class T>
void launch_sum_neighbours(const T* parts, Index pitch, Index height, Index width, Index channels,
                           ops::Taps direction, Index pixels, T* out, Index stride, cudaStream_t stream,
                           Index dilation) {
  const unsigned lanes = lanes_for(channels);
  launch("sum_neighbours", sum_neighbours_kernel<T>, dim3(blocks_of(pixels, 256 / lanes)), dim3(256), 0,
         stream, parts, pitch, ops::PixelGrid(height, width), channels,
         static_cast<Index>(direction) * dilation, pixels, out, stride, lanes);
}

#define GLOW_INSTANTIATE(T, E)                                                                              \
  template void launch_gather_neighbours(const T*, Index, Index, Index, Index, ops::Taps, Index, E*, Index, \
                                         cudaStream_t, Index)
GLOW_INSTANTIATE(float, float);
GLOW_INSTANTIATE(float, __nv_bfloat16);
GLOW_INSTANTIATE(double, double);
#undef GLOW_INSTANTIATE
template void launch_sum_neighbours(const float*, Index, Index, Index, Index, ops::Taps, Index, float*, Index,
                                    cudaStream_t, Index);
template void launch_sum_neighbours(const double*, Index, Index, Index, Index, ops::Taps, Index, double*,
                                    Index, cudaStream_t, Index);

}  // namespace glow::kernels

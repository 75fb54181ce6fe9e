// The gather of nine neighbours for a tile of pixels, into global or shared memory.
#pragma once

#include <type_traits>

#include <glow/ops/neighbours.hpp>

#include "common.cuh"

namespace glow::kernels {

inline constexpr int tile_pixels = 64;
inline constexpr int tile_threads = 256;

/// Images of height x width pixels that lie `stride` elements apart.
template <class T>
struct Images {
  const T* data;
  Index stride;
  int height, width, channels;
};

template <class E, class T>
__device__ __forceinline__ E convert(T x) {
  if constexpr (std::is_same_v<E, __nv_bfloat16>) {
    return __float2bfloat16_rn(x);
  } else {
    return x;
  }
}

/// out[r, t * channels + c] = x[neighbour t of pixel first + r, c] for rows 0 ... rows - 1 and columns begin
/// ... end - 1; zero outside the image, in columns from 9 * channels on and, if `fill`, in rows up to
/// tile_pixels. A warp takes every eighth pixel, a lane every 32nd column: its tap and channel are found once
/// for all pixels. All threads of a block call it, once.
template <bool fill, class T, class E>
__device__ void gather_tile(const Images<T>& x, int sign, Index first, int rows, int begin, int end, E* out,
                            Index pitch) {
  GLOW_SHARED(int2, place, [tile_pixels]);  // row and column
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < tile_pixels) {
    const Index p = first + thread;
    constexpr int nowhere = -(1 << 30);
    place[thread] = thread < rows
                        ? make_int2(static_cast<int>(p / x.width % x.height), static_cast<int>(p % x.width))
                        : make_int2(nowhere, nowhere);
  }
  __syncthreads();
#pragma unroll 1
  for (int k = begin + thread % 32; k < end; k += 32) {
    const int tap = k / x.channels;
    const int dy = sign * (tap / 3 - 1), dx = sign * (tap % 3 - 1);
    const T* from = x.data + (first + Index{dy} * x.width + dx) * x.stride + (k - tap * x.channels);
#pragma unroll
    for (int i = 0; i < tile_pixels; i += tile_threads / 32) {
      const int r = i + thread / 32;
      const int row = place[r].x + dy, column = place[r].y + dx;
      const bool inside = tap < ops::taps && row >= 0 && row < x.height && column >= 0 && column < x.width;
      const T v = inside ? from[r * x.stride] : T(0);
      if (fill || r < rows) out[r * pitch + k] = convert<E>(v);
    }
  }
}

}  // namespace glow::kernels

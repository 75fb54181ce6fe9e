// The gather of nine neighbours for a tile of pixels, into global or shared memory.
#pragma once

#include <type_traits>

#include <glow/ops/neighbours.hpp>

#include "common.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

inline constexpr int tile_pixels = 64;
inline constexpr int tile_threads = 256;

/// Images of pixels that lie `stride` elements apart.
template <class T>
struct Images {
  const T* data;
  Index stride;
  ops::PixelGrid grid;
  int channels;
};

template <class E, class T>
__device__ __forceinline__ E convert(T x) {
  if constexpr (std::is_same_v<E, __nv_bfloat16>) {
    return __float2bfloat16_rn(x);
  } else {
    return x;
  }
}

/// place[r] = row and column, in its image, of pixel first + r for r < rows, and nowhere up to tile_pixels;
/// by tile_pixels threads.
template <class T>
__device__ __forceinline__ void find_place(const Images<T>& x, Index first, int rows, int r, int2* place) {
  constexpr int nowhere = -(1 << 30);
  const auto [row, column] = x.grid.place(first + r);
  place[r] =
      r < rows ? make_int2(static_cast<int>(row), static_cast<int>(column)) : make_int2(nowhere, nowhere);
}

/// store(r, t * channels + c, x[neighbour t of pixel first + r, c]) for rows 0 ... tile_pixels - 1 and
/// columns begin ... end - 1; zero outside the image, in columns from 9 * channels on and in rows without a
/// place. Warp `warp` of `Warps` takes every `Warps`-th pixel, a lane every 32nd column: its tap and channel
/// are found once for all pixels.
template <int Warps, class T, class Store>
__device__ __forceinline__ void gather_rows(const Images<T>& x, int reach, Index first, int begin, int end,
                                            const int2* place, int warp, Store store) {
  const int height = static_cast<int>(x.grid.height), width = static_cast<int>(x.grid.width);
#pragma unroll 1
  for (int k = begin + static_cast<int>(threadIdx.x) % 32; k < end; k += 32) {
    const int tap = k / x.channels;
    const int dy = reach * (tap / 3 - 1), dx = reach * (tap % 3 - 1);
    const T* from = x.data + (first + Index{dy} * width + dx) * x.stride + (k - tap * x.channels);
#pragma unroll
    for (int i = 0; i < tile_pixels; i += Warps) {
      const int r = i + warp;
      const int row = place[r].x + dy, column = place[r].y + dx;
      const bool inside = tap < ops::taps && row >= 0 && row < height && column >= 0 && column < width;
      store(r, k, inside ? from[r * x.stride] : T(0));
    }
  }
}

/// out[r, k] = what gather_rows stores, for rows 0 ... rows - 1 and, if `fill`, up to tile_pixels. All
/// tile_threads threads of a block call it, once.
template <bool fill, class T, class E>
__device__ void gather_tile(const Images<T>& x, int sign, Index first, int rows, int begin, int end, E* out,
                            Index pitch) {
  GLOW_SHARED(int2, place, [tile_pixels]);
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < tile_pixels) find_place(x, first, rows, thread, place);
  __syncthreads();
  gather_rows<tile_threads / 32>(x, sign, first, begin, end, place, thread / 32, [&](int r, int k, T v) {
    if (fill || r < rows) out[r * pitch + k] = convert<E>(v);
  });
}

}  // namespace glow::kernels

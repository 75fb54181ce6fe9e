// Products of a matrix M [c, c] with every pixel of a batch [pixels, c]. A block brings a tile of whole
// pixels to shared memory, so results may go where operands lay; each thread then takes four pixels times
// four channels in registers. M is packed: row k holds M[0 ... c - 1][k], filled up with zeros to
// `stride_of(c)`.
#pragma once

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Elements from row to row of packed matrices and of tiles: c, rounded up to vectors of four.
__host__ __device__ constexpr unsigned stride_of(unsigned c) { return (c + 3) / 4 * 4; }

/// Pixels of a tile, a multiple of 4: enough to give every thread work, no more than `bytes` hold, and few
/// enough to make `blocks` blocks. `pixel_bytes` is what one pixel takes in shared memory.
inline unsigned tile_rows_for(Index pixels, unsigned c, Index pixel_bytes, Index threads, Index blocks) {
  const Index groups = stride_of(c) / 4, busy = (threads + groups - 1) / groups * 4;
  const Index share = (pixels + 4 * blocks - 1) / (4 * blocks) * 4, bytes = 48 * 1024;
  Index rows = busy > 32 ? busy : 32;
  rows = rows < bytes / pixel_bytes ? rows : bytes / pixel_bytes / 4 * 4;
  const Index few = share > 16 ? share : 16;
  rows = rows < few ? rows : few;
  return static_cast<unsigned>(rows > 4 ? rows : 4);
}

/// The change that leaves an element as it is.
struct Same {
  template <class T>
  __device__ T operator()(T x, unsigned) const {
    return x;
  }
};

/// tile [rows, stride_of(c)] = change(element, channel) of the pixels [rows, c] at `from`, in the channels
/// from `begin` on, by `threads` threads.
template <int N, unsigned threads, class T, class Change>
__device__ void load_tile(const T* from, T* tile, unsigned rows, unsigned c, Change change,
                          unsigned begin = 0) {
  const unsigned units = (c - begin) / N, step_row = threads / units, step_unit = threads % units;
  unsigned row = threadIdx.x / units, unit = threadIdx.x % units;
  while (row < rows) {
    const unsigned channel = begin + unit * N;
    Vector<T, N> v = load<N>(from + row * c + channel);
    for (int j = 0; j < N; ++j) v.v[j] = change(v.v[j], channel + static_cast<unsigned>(j));
    store(tile + row * stride_of(c) + channel, v);
    row += step_row;
    unit += step_unit;
    if (unit >= units) {
      unit -= units;
      ++row;
    }
  }
}

/// product[p][j] = sum over k of M[column + j][k] tile[row + p * row_step][k].
template <class T>
__device__ __forceinline__ void multiply(const T* __restrict__ m, const T* tile, unsigned c, unsigned row,
                                         unsigned row_step, unsigned column, T (&product)[4][4]) {
  const unsigned stride = stride_of(c);
  const T* x = tile + row * stride;
  m += column;
  for (int p = 0; p < 4; ++p) {
    for (int j = 0; j < 4; ++j) product[p][j] = 0;
  }
  unsigned k = 0;
  for (; k + 4 <= c; k += 4) {
    Vector<T, 4> v[4];
    for (unsigned p = 0; p < 4; ++p) v[p] = load<4>(x + p * row_step * stride + k);
    for (unsigned i = 0; i < 4; ++i) {
      const Vector<T, 4> w = load<4>(m + (k + i) * stride);
      for (int p = 0; p < 4; ++p) {
        for (int j = 0; j < 4; ++j) product[p][j] += v[p].v[i] * w.v[j];
      }
    }
  }
  for (; k < c; ++k) {
    const Vector<T, 4> w = load<4>(m + k * stride);
    for (unsigned p = 0; p < 4; ++p) {
      const T v = x[p * row_step * stride + k];
      for (int j = 0; j < 4; ++j) product[p][j] += v * w.v[j];
    }
  }
}

/// Writes the first `left` of four channels, a multiple of N.
template <int N, class T>
__device__ __forceinline__ void store_channels(T* to, const T (&v)[4], unsigned left) {
  for (int j = 0; j < 4; j += N) {
    if (static_cast<unsigned>(j) >= left) return;
    Vector<T, N> piece;
    for (int i = 0; i < N; ++i) piece.v[i] = v[j + i];
    store(to + j, piece);
  }
}

/// Threads of a block of `pixel_product`.
inline constexpr unsigned multipliers = 128;

/// Rows of a tile that lies in shared memory by itself, few enough to make `blocks` blocks.
template <class T>
unsigned product_rows(Index pixels, unsigned c, Index blocks = 512) {
  return tile_rows_for(pixels, c, static_cast<Index>(stride_of(c) * sizeof(T)), multipliers, blocks);
}

/// x [rows, c] = out(M t, channel) of the pixels t of the block's tile [tile_rows, stride_of(c)].
template <int N, class T, class Out>
__device__ void multiply_tile(const T* m, const T* tile, T* x, unsigned rows, unsigned c, unsigned tile_rows,
                              Out out) {
  const unsigned groups = stride_of(c) / 4, pixel_groups = tile_rows / 4;
  for (unsigned item = threadIdx.x; item < groups * pixel_groups; item += multipliers) {
    const unsigned column = item % groups * 4, row = item / groups;
    if (row >= rows) return;
    T y[4][4];
    multiply(m, tile, c, row, pixel_groups, column, y);
    for (unsigned p = 0; p < 4; ++p) {
      const unsigned pixel = row + p * pixel_groups;
      if (pixel >= rows) break;
      for (unsigned j = 0; j < 4; ++j) y[p][j] = out(y[p][j], column + j);
      store_channels<N>(x + pixel * c + column, y[p], c - column);
    }
  }
}

/// x = out(M in(x, channel), channel) for the block's tile of x [pixels, c], in place; `tile` is shared
/// memory for [tile_rows, stride_of(c)].
template <int N, class T, class In, class Out>
__device__ void pixel_product(const T* m, T* x, T* tile, Index pixels, unsigned c, unsigned tile_rows, In in,
                              Out out) {
  const Index first = Index{blockIdx.x} * tile_rows;
  const unsigned rows = pixels - first < tile_rows ? static_cast<unsigned>(pixels - first) : tile_rows;
  x += first * c;
  load_tile<N, multipliers>(x, tile, rows, c, in);
  __syncthreads();
  multiply_tile<N>(m, tile, x, rows, c, tile_rows, out);
}

}  // namespace glow::kernels

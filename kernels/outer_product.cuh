// Sums over pixels of the outer products a b^T of two tiles of channels, up to 64 of them: every thread keeps
// a 4 x 4 piece of the sum in registers and takes every `slices`-th pixel.
#pragma once

#include <glow/ops/kernels/conv1x1.hpp>

#include "pixel_product.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Threads of a block that sums outer products.
inline constexpr unsigned outer_threads = 256;

/// Shared memory that OuterSum::write takes, in elements.
inline constexpr unsigned outer_elements = outer_threads * 16;

/// This thread's piece.
template <class T>
class OuterSum {
 public:
  __device__ explicit OuterSum(unsigned c)
      : c_(c),
        groups_(stride_of(c) / 4),
        slices_(outer_threads / (groups_ * groups_)),
        slice_(threadIdx.x / (groups_ * groups_)),
        piece_(threadIdx.x % (groups_ * groups_)) {}

  /// += the outer products of rows of a and b, both [rows, stride_of(c)].
  __device__ void add(const T* a, const T* b, unsigned rows) {
    if (slice_ >= slices_) return;
    const unsigned stride = stride_of(c_);
    a += piece_ / groups_ * 4;
    b += piece_ % groups_ * 4;
    for (unsigned p = slice_; p < rows; p += slices_) {
      const Vector<T, 4> va = load<4>(a + p * stride), vb = load<4>(b + p * stride);
      for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) sum_[i][j] += va.v[i] * vb.v[j];
      }
    }
  }

  /// to [c, c] = the block's sum, through `shared`; all threads of the block call it.
  __device__ void write(T* shared, T* to) const {
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) shared[threadIdx.x * 16 + i * 4 + j] = sum_[i][j];
    }
    __syncthreads();
    for (unsigned e = threadIdx.x; e < c_ * c_; e += outer_threads) {
      const unsigned i = e / c_, j = e % c_;
      const unsigned at = (i / 4 * groups_ + j / 4) * 16 + i % 4 * 4 + j % 4;
      T total = 0;
      for (unsigned s = 0; s < slices_; ++s) total += shared[s * groups_ * groups_ * 16 + at];
      to[e] = total;
    }
  }

 private:
  unsigned c_, groups_, slices_, slice_, piece_;
  T sum_[4][4] = {};
};

/// How many blocks take how many tiles of how many pixels, each pixel `tiles` times in shared memory.
template <class T>
struct OuterGrid {
  unsigned tile_rows;
  unsigned blocks;
  std::size_t shared_bytes;

  OuterGrid(Index pixels, unsigned c, unsigned tiles)
      : tile_rows(tile_rows_for(pixels, c, static_cast<Index>(tiles * stride_of(c) * sizeof(T)),
                                outer_threads, most_outer_parts)) {
    const Index all = (pixels + tile_rows - 1) / tile_rows;
    blocks = static_cast<unsigned>(all < most_outer_parts ? all : most_outer_parts);
    const std::size_t of_tiles = std::size_t{tiles} * tile_rows * stride_of(c);
    shared_bytes = (of_tiles > outer_elements ? of_tiles : outer_elements) * sizeof(T);
  }
};

}  // namespace glow::kernels

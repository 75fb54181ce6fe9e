// Matrix product C = A B on one thread, for operands that fit a cache: A is packed by the call, B before it,
// so that weights are packed once per change. Each element of C is one sum in the order of k, whatever the
// sizes, so results do not depend on how a computation is cut into tiles. Scheme: K. Goto, R. van de Geijn,
// Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34(3), 2008.
#pragma once

#include <algorithm>

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/simd.hpp>

namespace glow::ops {

/// Columns of a full panel of a packed right operand.
template <class T>
inline constexpr Index panel_columns = simd::tile_vectors* simd::lanes<T>;

/// Elements of the packed form of a right operand [k, n].
template <class T>
Index packed_size(Index k, Index n) {
  return k * ((n + simd::lanes<T> - 1) / simd::lanes<T>)*simd::lanes<T>;
}

/// Elements that hold the packed form of [k, n] for any element type: what a layer declares.
inline Shape packed_shape(Index k, Index n) { return {packed_size<float>(k, n)}; }

/// Packs the columns first ... last - 1 (first a multiple of panel_columns) of B [k, n], given as
/// `element(row, column)`, to their place in `packed`: panels of panel_columns columns, row by row, the last
/// panel as narrow as whole vectors allow and filled up with zeros.
template <class T, class Element>
void pack_columns(Index k, Index first, Index last, T* packed, Element element) {
  for (Index j = first; j < last; j += panel_columns<T>) {
    const Index columns = std::min(panel_columns<T>, last - j);
    const Index width = packed_size<T>(1, columns);
    T* to = packed + j * k;
    for (Index row = 0; row < k; ++row, to += width) {
      for (Index c = 0; c < columns; ++c) to[c] = element(row, j + c);
      for (Index c = columns; c < width; ++c) to[c] = T(0);
    }
  }
}

/// Packs a whole B [k, n], on all threads.
template <class T, class Element>
void pack(Index k, Index n, T* packed, Element element) {
  parallel_ranges(n, panel_columns<T>,
                  [&](Index first, Index last) { pack_columns(k, first, last, packed, element); });
}

/// Left operand [m, k]: element (i, p) is data[i * row_stride + p * column_stride].
template <class T>
struct Strided {
  const T* data;
  Index row_stride;
  Index column_stride;
};

namespace detail {

// One register tile: accumulates k products and hands each vector to `out(row, column, vector)`; the ragged
// edge goes through a small buffer, element by element.
template <int Vectors, class T, class Out>
void gemm_tile(Index k, const T* a, const T* b, Index i, Index j, Index rows, Index columns, const Out& out) {
  using V = simd::Vector<T>;
  constexpr Index lanes = simd::lanes<T>;
  V sum[simd::tile_rows][Vectors];
#pragma GCC unroll 8
  for (int r = 0; r < simd::tile_rows; ++r) {
#pragma GCC unroll 3
    for (int v = 0; v < Vectors; ++v) sum[r][v] = V{};
  }
  for (Index p = 0; p < k; ++p) {
    V right[Vectors];
#pragma GCC unroll 3
    for (int v = 0; v < Vectors; ++v) right[v] = simd::load<T>(b + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < simd::tile_rows; ++r) {
      const V left = V{} + a[r];
#pragma GCC unroll 3
      for (int v = 0; v < Vectors; ++v) sum[r][v] += left * right[v];
    }
    a += simd::tile_rows;
    b += Vectors * lanes;
  }
  if (rows == simd::tile_rows && columns == Vectors * lanes) {
#pragma GCC unroll 8
    for (int r = 0; r < simd::tile_rows; ++r) {
#pragma GCC unroll 3
      for (int v = 0; v < Vectors; ++v) out(i + r, j + v * lanes, sum[r][v]);
    }
    return;
  }
  T edge[simd::tile_rows][Vectors * lanes];
#pragma GCC unroll 8
  for (int r = 0; r < simd::tile_rows; ++r) {
#pragma GCC unroll 3
    for (int v = 0; v < Vectors; ++v) simd::store<T>(&edge[r][v * lanes], sum[r][v]);
  }
  for (Index r = 0; r < rows; ++r) {
    for (Index c = 0; c < columns; ++c) out(i + r, j + c, edge[r][c]);
  }
}

}  // namespace detail

/// Columns first ... last - 1 of A B, handed to `out(row, column, value)` where value is a vector of
/// consecutive columns or, at the edges, a single element. A is [m, k]; `packed` is the packed form of B [k,
/// n]; first is a multiple of panel_columns.
template <class T, class Out>
void gemm_columns(Index m, Index first, Index last, Index k, Strided<T> a, const T* packed, const Out& out) {
  constexpr Index tile = simd::tile_rows;
  constexpr Index lanes = simd::lanes<T>;
  constexpr Index block = 12 * tile;  // rows whose packed form stays in the second-level cache
  Scratch<T> left(Shape{std::min(block, (m + tile - 1) / tile * tile), k});
  for (Index i0 = 0; i0 < m; i0 += block) {
    const Index rows = std::min(block, m - i0);
    for (Index i = 0; i < rows; i += tile) {
      T* to = left.data() + i * k;
      const T* from = a.data + (i0 + i) * a.row_stride;
      const Index valid = std::min(tile, rows - i);
      for (Index p = 0; p < k; ++p) {
        for (Index r = 0; r < valid; ++r) to[p * tile + r] = from[r * a.row_stride + p * a.column_stride];
        for (Index r = valid; r < tile; ++r) to[p * tile + r] = T(0);
      }
    }
    for (Index j = first; j < last; j += panel_columns<T>) {
      const Index columns = std::min(panel_columns<T>, last - j);
      const T* right = packed + j * k;
      for (Index i = 0; i < rows; i += tile) {
        const T* l = left.data() + i * k;
        const Index valid = std::min(tile, rows - i);
        if (columns > 2 * lanes) {
          detail::gemm_tile<3>(k, l, right, i0 + i, j, valid, columns, out);
        } else if (columns > lanes) {
          detail::gemm_tile<2>(k, l, right, i0 + i, j, valid, columns, out);
        } else {
          detail::gemm_tile<1>(k, l, right, i0 + i, j, valid, columns, out);
        }
      }
    }
  }
}

/// The whole of A B; see gemm_columns.
template <class T, class Out>
void gemm(Index m, Index n, Index k, Strided<T> a, const T* packed, const Out& out) {
  gemm_columns(m, Index{0}, n, k, a, packed, out);
}

/// Output that writes: C = A B.
template <class T>
struct Assign {
  T* c;
  Index stride;
  void operator()(Index i, Index j, simd::Vector<T> v) const { simd::store<T>(c + i * stride + j, v); }
  void operator()(Index i, Index j, T v) const { c[i * stride + j] = v; }
};

/// Output that adds: C += A B.
template <class T>
struct Accumulate {
  T* c;
  Index stride;
  void operator()(Index i, Index j, simd::Vector<T> v) const {
    T* p = c + i * stride + j;
    simd::store<T>(p, simd::load<T>(p) + v);
  }
  void operator()(Index i, Index j, T v) const { c[i * stride + j] += v; }
};

/// Output of a layer of neurons: C = max(A B + bias, 0), bias [n].
template <class T>
struct BiasRelu {
  T* c;
  Index stride;
  const T* bias;
  void operator()(Index i, Index j, simd::Vector<T> v) const {
    simd::store<T>(c + i * stride + j, simd::relu(v + simd::load<T>(bias + j)));
  }
  void operator()(Index i, Index j, T v) const {
    const T a = v + bias[j];
    c[i * stride + j] = a < T(0) ? T(0) : a;
  }
};

/// Output of the pull-back through ReLU: C = A B where `active` (laid out as C) is positive, else 0.
template <class T>
struct WhereActive {
  T* c;
  Index stride;
  const T* active;
  void operator()(Index i, Index j, simd::Vector<T> v) const {
    const simd::Vector<T> zero{};
    simd::store<T>(c + i * stride + j, simd::load<T>(active + i * stride + j) > zero ? v : zero);
  }
  void operator()(Index i, Index j, T v) const {
    c[i * stride + j] = active[i * stride + j] > T(0) ? v : T(0);
  }
};

}  // namespace glow::ops

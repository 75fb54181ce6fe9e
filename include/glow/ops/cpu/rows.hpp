// Work over the rows of a matrix [rows, columns] (the pixels of a batch), cut into tasks by its size alone.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/gemm.hpp>

namespace glow::ops {

/// Rows in a task of a pointwise op: enough that starting a task does not show, few enough to share.
inline constexpr Index rows_per_task = 1024;

/// Rows in a task of matrix products: a multiple of the register tile near 96, or less where few rows are to
/// be shared.
inline Index tile_rows_for(Index rows) {
  constexpr Index unit = simd::tile_rows;
  const Index tasks =
      std::max(Index{1}, std::min((rows + unit - 1) / unit, (rows + 4 * 96 - 1) / (4 * 96) * 4));
  return ((rows + tasks - 1) / tasks + unit - 1) / unit * unit;
}

/// sum[c] += sum over rows of term(row, c), c = 0 ... columns - 1, in a fixed order: by row within a task,
/// then by task.
template <class T, class Term>
void sum_rows(Index rows, Index columns, T* sum, Term term) {
  const Index tasks = (rows + rows_per_task - 1) / rows_per_task;
  Scratch<T> partial(Shape{tasks, columns});
  parallel_ranges(rows, rows_per_task, [&](Index first, Index last) {
    T* out = partial.data() + first / rows_per_task * columns;
    std::fill_n(out, columns, T(0));
    for (Index r = first; r < last; ++r) {
      for (Index c = 0; c < columns; ++c) out[c] += term(r, c);
    }
  });
  for (Index t = 0; t < tasks; ++t) {
    for (Index c = 0; c < columns; ++c) sum[c] += partial[t * columns + c];
  }
}

/// a^T b, summed over rows: a is [rows, m], b is [rows, n] with rows `b_stride` apart; each vector or element
/// of the product [m, n] is handed to `out` (see gemm_columns).
template <class T, class Out>
void outer_product(Index rows, Index m, Index n, const T* a, Index a_stride, const T* b, Index b_stride,
                   const Out& out) {
  Scratch<T> packed(Shape{packed_size<T>(rows, n)});
  pack(rows, n, packed.data(), [&](Index row, Index column) { return b[row * b_stride + column]; });
  constexpr Index unit = simd::tile_rows;
  const Index tasks = (m + 47) / 48;
  const Index block = ((m + tasks - 1) / tasks + unit - 1) / unit * unit;
  parallel_ranges(m, block, [&](Index first, Index last) {
    gemm(last - first, n, rows, Strided<T>{a + first, 1, a_stride}, packed.data(),
         [&](Index i, Index j, auto v) { out(first + i, j, v); });
  });
}

}  // namespace glow::ops

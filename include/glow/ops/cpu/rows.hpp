// Work over the rows of a matrix [rows, columns] (the pixels of a batch), cut into tasks by its size alone.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/gemm.hpp>

namespace glow::ops {

/// Rows in a task of a pointwise op: enough that starting a task does not show, few enough to share.
inline constexpr Index rows_per_task = 1024;

/// Rows in a task of matrix products: a multiple of every register tile's rows, at most 128, or less where
/// few rows are to be shared.
inline Index tile_rows_for(Index rows) {
  constexpr Index unit = 8;
  const Index tasks =
      std::max(Index{1}, std::min((rows + unit - 1) / unit, (rows + 4 * 128 - 1) / (4 * 128) * 4));
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

/// sum[c] = sum of the n rows of x [n, columns], which lie `step` numbers apart, on the calling thread.
template <class In, class T>
void sum_columns(Index n, Index columns, const In* x, Index step, T* sum) {
  std::fill_n(sum, columns, T(0));
  for (Index r = 0; r < n; ++r) {
    for (Index c = 0; c < columns; ++c) sum[c] += static_cast<T>(x[r * step + c]);
  }
}

}  // namespace glow::ops

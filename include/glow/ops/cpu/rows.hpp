// Work over the rows of a matrix [rows, columns] (the pixels of a batch), cut into tasks by its size alone.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/gemm.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

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

/// sum[c] = sum over rows first ... last - 1 of term(row, c), c = 0 ... columns - 1, on the calling thread.
template <class T, class Term>
void sum_some_rows(Index first, Index last, Index columns, T* sum, Term term) {
  std::fill_n(sum, columns, T(0));
  for (Index r = first; r < last; ++r) {
    for (Index c = 0; c < columns; ++c) sum[c] += term(r, c);
  }
}

/// sum[c] += sum over rows of term(row, c), c = 0 ... columns - 1, in a fixed order: by row within a task,
/// then by task.
template <class T, class Term>
void sum_rows(Index rows, Index columns, T* sum, Term term) {
  const Index tasks = (rows + rows_per_task - 1) / rows_per_task;
  Scratch<T> partial(Shape{tasks, columns});
  parallel_ranges(rows, rows_per_task, [&](Index first, Index last) {
    sum_some_rows(first, last, columns, partial.data() + first / rows_per_task * columns, term);
  });
  for (Index t = 0; t < tasks; ++t) {
    for (Index c = 0; c < columns; ++c) sum[c] += partial[t * columns + c];
  }
}

}  // namespace glow::ops

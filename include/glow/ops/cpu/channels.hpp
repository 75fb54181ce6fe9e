// Cutting and joining along the channels.
#pragma once

#include <glow/ops/cpu/rows.hpp>

namespace glow::ops {

/// x [..., A + B] -> a [..., A], b [..., B].
template <class T>
void split_channels(View<T, Cpu> x, View<T, Cpu> a, View<T, Cpu> b) {
  const Index ca = a.channels(), cb = b.channels();
  parallel_ranges(x.rows(), rows_per_task, [&](Index first, Index last) {
    for (Index r = first; r < last; ++r) {
      const T* from = x.data() + r * (ca + cb);
      std::copy_n(from, ca, a.data() + r * ca);
      std::copy_n(from + ca, cb, b.data() + r * cb);
    }
  });
}

/// a [..., A], b [..., B] -> x [..., A + B].
template <class T>
void join_channels(View<T, Cpu> a, View<T, Cpu> b, View<T, Cpu> x) {
  const Index ca = a.channels(), cb = b.channels();
  parallel_ranges(x.rows(), rows_per_task, [&](Index first, Index last) {
    for (Index r = first; r < last; ++r) {
      T* to = x.data() + r * (ca + cb);
      std::copy_n(a.data() + r * ca, ca, to);
      std::copy_n(b.data() + r * cb, cb, to + ca);
    }
  });
}

/// Every row of x [..., C] = row [C].
template <class T>
void repeat_row(View<T, Cpu> row, View<T, Cpu> x) {
  const Index c = x.channels();
  for (Index r = 0; r < x.rows(); ++r) std::copy_n(row.data(), c, x.data() + r * c);
}

/// sum [C] += the rows of x [..., C].
template <class T>
void sum_of_rows(View<T, Cpu> x, View<T, Cpu> sum) {
  const Index c = x.channels();
  sum_rows(x.rows(), c, sum.data(), [&](Index r, Index i) { return x[r * c + i]; });
}

}  // namespace glow::ops

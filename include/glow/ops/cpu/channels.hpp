// Cutting and joining along the channels.
#pragma once

#include <glow/ops/cpu/rows.hpp>
#include <glow/ops/squeezed_shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Calls fn(row of x and a, row of b) for x [..., A + B], a [..., A] and b [..., B], whose rows may be
// squeezed.
template <class T, class F>
void for_each_row_of_halves(View<T, Cpu> x, View<T, Cpu> b, F fn) {
  const PixelOrder order = pixel_order(x.shape(), b.shape());
  parallel_ranges(x.rows(), rows_per_task, [&](Index first, Index last) {
    order.for_each_run(first, last, [&](Index row, Index place, Index count) {
      for (Index i = 0; i < count; ++i) fn(row + i, place + i);
    });
  });
}

}  // namespace detail

/// x [..., A + B] -> a [..., A], b [..., B]. For images x [N, H, W, A + B], b may have the shape of a
/// squeezed [N, H, W, B], and then is squeezed.
template <class T>
void split_channels(View<T, Cpu> x, View<T, Cpu> a, View<T, Cpu> b) {
  const Index ca = a.channels(), cb = x.channels() - ca;
  detail::for_each_row_of_halves(x, b, [&](Index row, Index row_of_b) {
    const T* from = x.data() + row * (ca + cb);
    std::copy_n(from, ca, a.data() + row * ca);
    std::copy_n(from + ca, cb, b.data() + row_of_b * cb);
  });
}

/// a [..., A], b [..., B] -> x [..., A + B]; b may be squeezed, as in split_channels.
template <class T>
void join_channels(View<T, Cpu> a, View<T, Cpu> b, View<T, Cpu> x) {
  const Index ca = a.channels(), cb = x.channels() - ca;
  detail::for_each_row_of_halves(x, b, [&](Index row, Index row_of_b) {
    T* to = x.data() + row * (ca + cb);
    std::copy_n(a.data() + row * ca, ca, to);
    std::copy_n(b.data() + row_of_b * cb, cb, to + ca);
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

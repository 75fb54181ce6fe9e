// What the tape computes along an axis, on all threads; f is one of ad/line_functions.hpp.
#pragma once

#include <algorithm>

#include <glow/core/parallel.hpp>
#include <glow/core/tensor.hpp>
#include <glow/ops/lines.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Calls fn(i) for every line, on all threads.
template <class F>
void for_each_line(const Lines& lines, F fn) {
  constexpr Index grain = 1 << 13;  // elements in a task
  parallel_ranges(lines.count(), std::max(Index{1}, grain / std::max(Index{1}, lines.extent)),
                  [&](Index first, Index last) {
                    for (Index i = first; i < last; ++i) fn(i);
                  });
}

}  // namespace detail

/// y = f(x) for each line of x; lines of y are f.results(extent) long.
template <class F, class T>
void tape_lines(F f, Lines lines, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  const Lines results{lines.outer, f.results(lines.extent), lines.inner};
  if (results.size() == 0) return;
  detail::for_each_line(lines, [&](Index i) {
    f(OneThread(), lines.extent, lines.line(x.data(), i), results.line(y.data(), i));
  });
}

/// dx += what dy is pulled back to by f for each line, where y = f(x).
template <class F, class T>
void tape_lines_pull(F f, Lines lines, View<const std::type_identity_t<T>, Cpu> x,
                     View<const std::type_identity_t<T>, Cpu> y, View<const std::type_identity_t<T>, Cpu> dy,
                     View<T, Cpu> dx) {
  const Lines results{lines.outer, f.results(lines.extent), lines.inner};
  if (results.size() == 0 || lines.size() == 0) return;
  detail::for_each_line(lines, [&](Index i) {
    f.pull(OneThread(), lines.extent, lines.line(x.data(), i), results.line(y.data(), i),
           results.line(dy.data(), i), lines.line(dx.data(), i));
  });
}

/// Refuses indices that are not 0 ... extent - 1.
inline void tape_check_indices(View<const Index, Cpu> indices, Index extent) {
  for (const Index i : indices) {
    require<ShapeError>(i >= 0 && i < extent, "gather: index ", i, " is not one of 0 to ", extent - 1);
  }
}

}  // namespace glow::ops

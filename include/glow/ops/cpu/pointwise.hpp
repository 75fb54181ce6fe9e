// Element-by-element helpers.
#pragma once

#include <algorithm>

#include <glow/core/parallel.hpp>
#include <glow/core/tensor.hpp>

namespace glow::ops {

/// x[i] = value.
template <class T>
void fill(View<T, Cpu> x, std::type_identity_t<T> value) {
  parallel_ranges(x.size(), 1 << 16,
                  [&](Index first, Index last) { std::fill(x.data() + first, x.data() + last, value); });
}

/// y[i] += x[i].
template <class T>
void add(View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  parallel_ranges(y.size(), 1 << 14, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) y[i] += x[i];
  });
}

}  // namespace glow::ops

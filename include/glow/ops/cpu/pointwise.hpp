// Element-by-element helpers.
#pragma once

#include <algorithm>

#include <glow/core/tensor.hpp>

namespace glow::ops {

/// x[i] = value.
template <class T>
void fill(View<T, Cpu> x, std::type_identity_t<T> value) {
  std::fill(x.begin(), x.end(), value);
}

/// y[i] += x[i].
template <class T>
void add(View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  for (Index i = 0; i < y.size(); ++i) y[i] += x[i];
}

}  // namespace glow::ops

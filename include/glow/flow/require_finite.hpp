// Numbers that are not finite are refused before anything comes of them.
#pragma once

#include <algorithm>
#include <cmath>

#include <glow/core/error.hpp>
#include <glow/core/tensor.hpp>
#include <glow/ops/cpu/adam.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

template <class T, class D>
bool are_finite(View<const T, D> x) {
  const Scratch<double, D> size(Shape{1});
  norm(x, size.view());
  double length = 0;
  transfer(View<const double, D>(size), View<double>(&length, {1}));
  return std::isfinite(length);
}

// Throws NumericError, naming x [N, ...] by `what` and the first sample, unless all its numbers are finite.
// `before`: samples that come before those of x.
template <class T, class D>
void require_finite(View<const T, D> x, const char* what, Index before = 0) {
  if (are_finite<T, D>(x)) return;
  Tensor<T> all(x.shape());
  transfer(x, all.view());
  const auto* const bad = std::find_if_not(all.begin(), all.end(), [](T v) { return std::isfinite(v); });
  if (bad == all.end()) return;  // the sum of squares alone is too large
  throw NumericError(join(what, " are not all finite; sample ",
                          before + (bad - all.begin()) / (all.size() / x.shape()[0]),
                          " is the first of these"));
}

}  // namespace glow::detail

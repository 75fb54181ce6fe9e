// Element-by-element helpers.
#pragma once

#include <algorithm>

#include <glow/core/bf16.hpp>
#include <glow/core/parallel.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

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

/// y[i] = x[i], rounded to bf16 by way of float.
template <class T>
void to_bf16(View<const T, Cpu> x, View<Bf16, Cpu> y) {
  parallel_ranges(y.size(), 1 << 14, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) y[i] = Bf16(static_cast<float>(x[i]));
  });
}

/// y[i] = x[i].
template <class T>
void from_bf16(View<const Bf16, Cpu> x, View<T, Cpu> y) {
  parallel_ranges(y.size(), 1 << 14, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) y[i] = static_cast<T>(static_cast<float>(x[i]));
  });
}

}  // namespace glow::ops

// fill_zeros: numbers for what a model begins without.
#pragma once

#include <algorithm>

#include <glow/glow.hpp>

namespace glow::benchmarks {

/// Gives those trainable tensors of `parameters` that are zero, among them the last kernels of couplings and
/// priors, numbers N(0, 0.01^2). A GPU multiplies zeros with less power, thus at a higher clock, than it will
/// after the first steps of training. Derived tensors must be computed anew.
template <class L, class D>
void fill_zeros(Parameters<L, float, D>& parameters) {
  std::uint64_t stream = 0;
  for (const auto& entry : parameters.entries()) {
    ++stream;
    if (!is_trainable(entry.role)) continue;
    Tensor<float> x(entry.value.shape());
    transfer(View<const float, D>(entry.value), x.view());
    const bool zero = std::all_of(x.begin(), x.end(), [](float v) { return v == 0; });
    if (zero) fill_normal(entry.value, Random{3, stream}, 0.01f);
  }
}

}  // namespace glow::benchmarks

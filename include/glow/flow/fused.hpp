// Neighbouring layers that a device does in one pass. Where functions
//
//   fused_forward (a, b, p_a, p_b, x, pass)
//   fused_inverse (a, b, p_a, p_b, y, pass)
//   fused_backward(a, b, p_a, p_b, grad_a, grad_b, y, dy, pass)
//
// for layers a and b, in this order, and parameters on a device are found beside one of the layers, Flow
// calls them in place of the two layers' own verbs; likewise for three layers, which go before two. Each verb
// may be there without the others. What one of the layers keeps in training, the function keeps in its place.
#pragma once

#include <glow/flow/layer.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The most layers that are one op.
inline constexpr std::size_t most_fused = 3;

/// `found<A, B, ...>`: there is a forward pass of these layers in one.
template <class T, class D>
struct FusedForward {
  template <class... L>
  static constexpr bool found = requires(const L&... l, const LayerParams<L, T, D>&... p, View<T, D>& x,
                                         Pass<T, D> pass) {
    fused_forward(l..., p..., x, pass);
  };
};

/// The same of the inverse.
template <class T, class D>
struct FusedInverse {
  template <class... L>
  static constexpr bool found = requires(const L&... l, const LayerParams<L, T, D>&... p, View<T, D>& y,
                                         Pass<T, D> pass) {
    fused_inverse(l..., p..., y, pass);
  };
};

/// The same of the backward pass.
template <class T, class D>
struct FusedBackward {
  template <class... L>
  static constexpr bool found = requires(const L&... l, const LayerParams<L, T, D>&... p,
                                         LayerParams<L, T, D>&... grad, View<T, D>& y, View<T, D>& dy,
                                         Pass<T, D> pass) {
    fused_backward(l..., p..., grad..., y, dy, pass);
  };
};

}  // namespace glow

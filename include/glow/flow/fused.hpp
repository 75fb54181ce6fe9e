// Neighbouring layers that a device does in one pass. Where functions
//
//   fused_forward (a, p_a, b, p_b, x, logdet)
//   fused_inverse (a, p_a, b, p_b, y, logdet)
//   fused_backward(a, p_a, grad_a, b, p_b, grad_b, y, dy, dlogdet)
//
// for layers a and b, in this order, and parameters on a device are found beside one of the layers, Flow
// calls them in place of the two layers' own verbs.
#pragma once

#include <glow/flow/layer.hpp>

namespace glow {

/// True if there is one op for layer A followed by layer B on device D.
template <class A, class B, class T, class D>
inline constexpr bool are_fused = requires(const A& a, const LayerParams<A, T, D>& p_a, const B& b,
                                           const LayerParams<B, T, D>& p_b, View<T, D>& x,
                                           View<T, D> logdet) {
  fused_forward(a, p_a, b, p_b, x, logdet);
};

}  // namespace glow

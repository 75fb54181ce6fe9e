// ActNorm and the AnyPermutation after it as one layer on every device: Flow finds these functions (see
// flow/fused.hpp) where the two stand side by side. They call the device's function for ActNorm and the
// chosen layer, if there is one, else the two layers.
#pragma once

#include <glow/layers/actnorm_conv1x1.hpp>
#include <glow/layers/any_permutation.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// x -> y in place; pass.logdet[n] += log|det dy/dx| unless it is empty.
template <class T, class D>
void fused_forward(const ActNorm& actnorm, const AnyPermutation& any, const ActNorm::Params<View<T, D>>& a,
                   const AnyPermutation::Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) {
  any.with_layer([&]<class L>(const L& layer) {
    const auto& chosen = p.template of<L>();
    if constexpr (requires { fused_forward(actnorm, layer, a, chosen, x, pass); }) {
      fused_forward(actnorm, layer, a, chosen, x, pass);
    } else {
      actnorm.forward(a, x, pass.logdet);
      layer.forward(chosen, x, pass.logdet);
    }
  });
}

/// y -> x in place; pass.logdet[n] -= log|det dy/dx| unless it is empty.
template <class T, class D>
void fused_inverse(const ActNorm& actnorm, const AnyPermutation& any, const ActNorm::Params<View<T, D>>& a,
                   const AnyPermutation::Params<View<T, D>>& p, View<T, D> y, PassOf<T, D> pass) {
  any.with_layer([&]<class L>(const L& layer) {
    const auto& chosen = p.template of<L>();
    if constexpr (requires { fused_inverse(actnorm, layer, a, chosen, y, pass); }) {
      fused_inverse(actnorm, layer, a, chosen, y, pass);
    } else {
      layer.inverse(chosen, y, pass.logdet);
      actnorm.inverse(a, y, pass.logdet);
    }
  });
}

/// y -> x and dy -> dx in place, gradients += ...; pass.logdet [N] may be empty.
template <class T, class D>
void fused_backward(const ActNorm& actnorm, const AnyPermutation& any, const ActNorm::Params<View<T, D>>& a,
                    const AnyPermutation::Params<View<T, D>>& p, ActNorm::Params<View<T, D>>& grad_a,
                    AnyPermutation::Params<View<T, D>>& grad_p, View<T, D> y, View<T, D> dy,
                    PassOf<T, D> pass) {
  any.with_layer([&]<class L>(const L& layer) {
    const auto& chosen = p.template of<L>();
    auto& grad = grad_p.template of<L>();
    if constexpr (requires { fused_backward(actnorm, layer, a, chosen, grad_a, grad, y, dy, pass); }) {
      fused_backward(actnorm, layer, a, chosen, grad_a, grad, y, dy, pass);
    } else {
      layer.backward(chosen, grad, y, dy, pass.logdet);
      actnorm.backward(a, grad_a, y, dy, pass.logdet);
    }
  });
}

}  // namespace glow

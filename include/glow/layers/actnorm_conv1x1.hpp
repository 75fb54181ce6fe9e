// ActNorm and the Conv1x1 after it as one layer on a CPU: Flow finds these functions (see flow/fused.hpp)
// where the two stand side by side.
#pragma once

#include <glow/layers/actnorm.hpp>
#include <glow/layers/conv1x1.hpp>
#include <glow/layers/pass.hpp>
#include <glow/ops/cpu/actnorm_conv1x1.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// x -> y in place; pass.logdet[n] += log|det dy/dx| unless it is empty.
template <class T>
void fused_forward(const ActNorm&, const Conv1x1&, const ActNorm::Params<View<T, Cpu>>& a,
                   const Conv1x1::Params<View<T, Cpu>>& c, View<T, Cpu> x, PassOf<T, Cpu> pass) {
  actnorm_conv1x1_forward(a.bias, a.log_scale, c.weight, x);
  const T pixels = static_cast<T>(x.positions());
  add_sum_to_logdet(pass.logdet, a.log_scale, pixels);
  add_sum_to_logdet(pass.logdet, c.log_s, pixels);
}

/// y -> x in place; pass.logdet[n] -= log|det dy/dx| unless it is empty.
template <class T>
void fused_inverse(const ActNorm&, const Conv1x1&, const ActNorm::Params<View<T, Cpu>>& a,
                   const Conv1x1::Params<View<T, Cpu>>& c, View<T, Cpu> y, PassOf<T, Cpu> pass) {
  actnorm_conv1x1_inverse(a.bias, a.log_scale, c.inverse, y);
  const T pixels = static_cast<T>(y.positions());
  add_sum_to_logdet(pass.logdet, a.log_scale, -pixels);
  add_sum_to_logdet(pass.logdet, c.log_s, -pixels);
}

/// y -> x and dy -> dx in place, gradients += ...; pass.logdet [N] may be empty.
template <class T>
void fused_backward(const ActNorm&, const Conv1x1&, const ActNorm::Params<View<T, Cpu>>& a,
                    const Conv1x1::Params<View<T, Cpu>>& c, ActNorm::Params<View<T, Cpu>>& grad_a,
                    Conv1x1::Params<View<T, Cpu>>& grad_c, View<T, Cpu> y, View<T, Cpu> dy,
                    PassOf<T, Cpu> pass) {
  const Scratch<T> d_weight(c.weight.shape());
  actnorm_conv1x1_backward(a.bias, a.log_scale, c.weight, c.packed_inverse, grad_a.bias, grad_a.log_scale,
                           d_weight.view(), y, dy);
  conv1x1_pull_back(c.permutation, c.lower, c.upper, c.log_s, c.sign_s, d_weight.view(), grad_c.lower,
                    grad_c.upper, grad_c.log_s);
  const T pixels = static_cast<T>(y.positions());
  add_logdet_to_sum(pass.logdet, grad_a.log_scale, pixels);
  add_logdet_to_sum(pass.logdet, grad_c.log_s, pixels);
}

}  // namespace glow

// ActNorm and the Conv1x1 after it as one layer on a GPU: Flow finds these functions (see flow/fused.hpp)
// where the two stand side by side.
#pragma once

#include <glow/layers/actnorm.hpp>
#include <glow/layers/conv1x1.hpp>
#include <glow/layers/pass.hpp>
#include <glow/ops/cuda/actnorm_conv1x1.hpp>
#include <glow/ops/cuda/logdet.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// x -> y in place; pass.logdet[n] += log|det dy/dx| unless it is empty.
template <class T>
void fused_forward(const ActNorm&, const Conv1x1&, const ActNorm::Params<View<T, Cuda>>& a,
                   const Conv1x1::Params<View<T, Cuda>>& c, View<T, Cuda> x, PassOf<T, Cuda> pass) {
  actnorm_conv1x1_forward(a.bias, a.log_scale, c.packed_weight, c.log_s, x, pass.logdet);
}

/// y -> x in place; pass.logdet[n] -= log|det dy/dx| unless it is empty.
template <class T>
void fused_inverse(const ActNorm&, const Conv1x1&, const ActNorm::Params<View<T, Cuda>>& a,
                   const Conv1x1::Params<View<T, Cuda>>& c, View<T, Cuda> y, PassOf<T, Cuda> pass) {
  actnorm_conv1x1_inverse(a.bias, a.log_scale, c.packed_inverse, c.log_s, y, pass.logdet);
}

/// y -> x and dy -> dx in place, gradients += ...; pass.logdet [N] may be empty.
template <class T, OrCounted<Cuda> D>
void fused_backward(const ActNorm&, const Conv1x1&, const ActNorm::Params<View<T, D>>& a,
                    const Conv1x1::Params<View<T, D>>& c, ActNorm::Params<View<T, D>>& grad_a,
                    Conv1x1::Params<View<T, D>>& grad_c, View<T, D> y, View<T, D> dy, PassOf<T, D> pass) {
  const Scratch<T, D> d_weight(c.weight.shape());
  actnorm_conv1x1_backward(a.bias, a.log_scale, c.packed_inverse, c.packed_weight_t, grad_a.bias,
                           grad_a.log_scale, d_weight.view(), y, dy);
  conv1x1_pull_back(c.permutation, c.lower, c.upper, c.log_s, c.sign_s, d_weight.view(), grad_c.lower,
                    grad_c.upper, grad_c.log_s);
  const T pixels = static_cast<T>(y.positions());
  add_logdet_to_sum(pass.logdet, grad_a.log_scale, pixels);
  add_logdet_to_sum(pass.logdet, grad_c.log_s, pixels);
}

}  // namespace glow

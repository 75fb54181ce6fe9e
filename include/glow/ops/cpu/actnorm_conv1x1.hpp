// ActNorm and the 1x1 convolution after it in one pass over the pixels: y = W ((x + b) exp(s)) = (W diag(exp
// s)) x + W (exp(s) b), and x = (diag(exp -s) W^-1) y - b. See ops/cpu/actnorm.hpp and ops/cpu/conv1x1.hpp.
#pragma once

#include <cmath>

#include <glow/ops/cpu/actnorm.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/cpu/conv1x1.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// exp(sign * s) [C]
template <class T>
void exp_of(View<T, Cpu> s, T sign, View<T, Cpu> out) {
  for (Index i = 0; i < s.size(); ++i) out[i] = std::exp(sign * s[i]);
}

}  // namespace detail

/// x [N, H, W, C] -> y in place; bias, log_scale [C], weight [C, C].
template <class T>
void actnorm_conv1x1_forward(View<T, Cpu> bias, View<T, Cpu> log_scale, View<T, Cpu> weight, View<T, Cpu> x) {
  const Index c = x.channels();
  const Scratch<T> scale(Shape{c}), shift(Shape{c}), scaled(Shape{c, c}), packed(packed_shape(c, c));
  detail::exp_of(log_scale, T(1), scale.view());
  for (Index i = 0; i < c; ++i) {
    shift[i] = 0;
    for (Index j = 0; j < c; ++j) {
      scaled[i * c + j] = weight[i * c + j] * scale[j];
      shift[i] += scaled[i * c + j] * bias[j];
    }
  }
  pack<Along::columns>(c, c, packed.data(), scaled.data(), c);
  affine_apply(packed.view(), shift.data(), x);
}

/// y [N, H, W, C] -> x in place; inverse [C, C] is that of the weight.
template <class T>
void actnorm_conv1x1_inverse(View<T, Cpu> bias, View<T, Cpu> log_scale, View<T, Cpu> inverse,
                             View<T, Cpu> y) {
  const Index c = y.channels();
  const Scratch<T> scale(Shape{c}), shift(Shape{c}), scaled(Shape{c, c}), packed(packed_shape(c, c));
  detail::exp_of(log_scale, T(-1), scale.view());
  for (Index i = 0; i < c; ++i) {
    shift[i] = -bias[i];
    for (Index j = 0; j < c; ++j) scaled[i * c + j] = inverse[i * c + j] * scale[i];
  }
  pack<Along::columns>(c, c, packed.data(), scaled.data(), c);
  affine_apply(packed.view(), shift.data(), y);
}

/// y -> x and dy -> dx in place; d_bias, d_log_scale += ..., d_weight [C, C] = sum over pixels of dy a^T,
/// where a = (x + b) exp(s) (the parts of the log-determinant are the caller's). With these, sum of da a =
/// the column sums of W * d_weight, and sum of da = W^T times the sum of dy.
template <class T>
void actnorm_conv1x1_backward(View<T, Cpu> bias, View<T, Cpu> log_scale, View<T, Cpu> weight,
                              View<T, Cpu> packed_inverse, View<T, Cpu> d_bias, View<T, Cpu> d_log_scale,
                              View<T, Cpu> d_weight, View<T, Cpu> y, View<T, Cpu> dy) {
  const Index c = y.channels();
  const Scratch<T> scale(Shape{c}), sum_dy(Shape{c}), scaled(Shape{c, c}), packed(packed_shape(c, c));
  detail::exp_of(log_scale, T(1), scale.view());
  conv1x1_apply(packed_inverse, y);  // a
  conv1x1_weight_gradient(y, dy, d_weight);
  clear(sum_dy.view());
  sum_of_rows(dy, sum_dy.view());
  for (Index j = 0; j < c; ++j) {
    T sum_da = 0;
    for (Index i = 0; i < c; ++i) {
      d_log_scale[j] += weight[i * c + j] * d_weight[i * c + j];
      sum_da += weight[i * c + j] * sum_dy[i];
      scaled[i * c + j] = weight[i * c + j] * scale[j];
    }
    d_bias[j] += sum_da * scale[j];
  }
  pack<Along::rows>(c, c, packed.data(), scaled.data(), c);
  conv1x1_apply(packed.view(), dy);
  actnorm_inverse(bias, log_scale, y);
}

}  // namespace glow::ops

// ActNorm and the invertible 1x1 convolution after it in one pass over a GPU's memory: y = W ((x + b) *
// exp(log_s)). The kernels are in kernels/actnorm_conv1x1.cu.
#pragma once

#include <glow/ops/cuda/actnorm.hpp>
#include <glow/ops/cuda/conv1x1.hpp>
#include <glow/ops/kernels/actnorm_conv1x1.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x [N, H, W, C] -> y in place; logdet[n] += H W sum(log_scale + log_s) unless logdet is empty.
template <class T>
void actnorm_conv1x1_forward(View<T, Cuda> bias, View<T, Cuda> log_scale, View<T, Cuda> packed_weight,
                             View<T, Cuda> log_s, View<T, Cuda> x, View<T, Cuda> logdet) {
  kernels::launch_actnorm_conv1x1_forward<T>(bias.data(), log_scale.data(), packed_weight.data(),
                                             log_s.data(), x.data(), logdet.data(), x.batch(), x.positions(),
                                             x.channels(), cuda::stream());
}

/// y [N, H, W, C] -> x in place; logdet[n] -= H W sum(log_scale + log_s) unless logdet is empty.
template <class T>
void actnorm_conv1x1_inverse(View<T, Cuda> bias, View<T, Cuda> log_scale, View<T, Cuda> packed_inverse,
                             View<T, Cuda> log_s, View<T, Cuda> y, View<T, Cuda> logdet) {
  kernels::launch_actnorm_conv1x1_inverse<T>(bias.data(), log_scale.data(), packed_inverse.data(),
                                             log_s.data(), y.data(), logdet.data(), y.batch(), y.positions(),
                                             y.channels(), cuda::stream());
}

/// y -> x, dy -> dx in place; d_weight [C, C] = sum over pixels of dy u^T, where u is the convolution's
/// input; d_bias, d_log_scale += (the parts of the log-determinants are the caller's).
template <class T, OrCounted<Cuda> D>
void actnorm_conv1x1_backward(View<T, D> bias, View<T, D> log_scale, View<T, D> packed_inverse,
                              View<T, D> packed_weight_t, View<T, D> d_bias, View<T, D> d_log_scale,
                              View<T, D> d_weight, View<T, D> y, View<T, D> dy) {
  const Index c = y.channels();
  if (c > kernels::most_outer_channels) {
    conv1x1_apply(packed_inverse, y);
    conv1x1_weight_gradient(y, dy, d_weight);
    conv1x1_apply(packed_weight_t, dy);
    actnorm_backward(bias, log_scale, d_bias, d_log_scale, y, dy);
    return;
  }
  const Scratch<T, D> part(Shape{kernels::most_outer_parts, kernels::actnorm_conv1x1_part(c)});
  if constexpr (is_counted<D>) return;
  kernels::launch_actnorm_conv1x1_backward<T>(
      bias.data(), log_scale.data(), packed_inverse.data(), packed_weight_t.data(), part.data(),
      d_weight.data(), d_bias.data(), d_log_scale.data(), y.data(), dy.data(), y.rows(), c, cuda::stream());
}

}  // namespace glow::ops

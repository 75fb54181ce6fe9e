// ActNorm on a GPU: y = (x + b) * exp(log_s), a channel at a time. The kernels are in kernels/actnorm.cu.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/kernels/actnorm.hpp>

namespace glow::ops {

/// x [N, H, W, C] -> y in place.
template <class T>
void actnorm_forward(View<T, Cuda> bias, View<T, Cuda> log_scale, View<T, Cuda> x) {
  kernels::launch_actnorm_forward<T>(bias.data(), log_scale.data(), x.data(), x.rows(), x.channels(),
                                     cuda::stream());
}

/// y [N, H, W, C] -> x = y exp(-log_s) - b in place.
template <class T>
void actnorm_inverse(View<T, Cuda> bias, View<T, Cuda> log_scale, View<T, Cuda> y) {
  kernels::launch_actnorm_inverse<T>(bias.data(), log_scale.data(), y.data(), y.rows(), y.channels(),
                                     cuda::stream());
}

/// y -> x, dy -> dx = dy exp(log_s), in place; d_bias[c] += sum of dx, d_log_scale[c] += sum of dy y (the
/// part of the log-determinant is the caller's).
template <class T, OrCounted<Cuda> D>
void actnorm_backward(View<T, D> bias, View<T, D> log_scale, View<T, D> d_bias, View<T, D> d_log_scale,
                      View<T, D> y, View<T, D> dy) {
  const Scratch<T, D> part(Shape{kernels::most_parts, 2, y.channels()});
  if constexpr (is_counted<D>) return;
  kernels::launch_actnorm_backward<T>(bias.data(), log_scale.data(), d_bias.data(), d_log_scale.data(),
                                      y.data(), dy.data(), part.data(), y.rows(), y.channels(),
                                      cuda::stream());
}

/// Data-dependent start: bias = -mean and log_scale = -log(deviation) of each channel over the batch, with
/// the centred variance, so that the output has mean 0 and deviation 1. A deviation under `floor` counts as
/// `floor`. Returns the number of such (constant) channels, and so waits for the GPU.
template <class T, OrCounted<Cuda> D>
Index actnorm_start(View<T, D> bias, View<T, D> log_scale,
                    View<const std::type_identity_t<T>, std::type_identity_t<D>> x, T floor) {
  const Index c = x.channels();
  const Scratch<T, D> part(Shape{kernels::most_parts, c});
  const Scratch<int, D> constant(Shape{c});
  if constexpr (is_counted<D>) return 0;
  kernels::launch_actnorm_start<T>(bias.data(), log_scale.data(), constant.data(), x.data(), floor,
                                   part.data(), x.rows(), c, cuda::stream());
  const Scratch<int> on_host(Shape{c});
  transfer(View<const int, D>(constant), on_host.view());
  Index count = 0;
  for (const int is_constant : on_host) count += is_constant;
  return count;
}

}  // namespace glow::ops

// ActNorm on a GPU: y = (x + b) * exp(log_s), a channel at a time. The kernels are in kernels/actnorm.cu.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/actnorm_start.hpp>
#include <glow/ops/kernels/actnorm.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

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

/// Data-dependent start from x [N, H, W, C], see actnorm_start_from. Returns the number of constant channels,
/// and so waits for the GPU.
template <class T, OrCounted<Cuda> D>
Index actnorm_start(View<T, D> bias, View<T, D> log_scale,
                    View<const std::type_identity_t<T>, std::type_identity_t<D>> x, T floor) {
  const Index c = x.channels();
  const Scratch<T, D> part(Shape{kernels::most_parts, c}), moments(Shape{2, c});
  if constexpr (is_counted<D>) {
    return 0;
  } else {
    kernels::launch_actnorm_moments<T>(moments.data(), moments.data() + c, x.data(), part.data(), x.rows(), c,
                                       cuda::stream());
    const Scratch<T> on_host(moments.shape()), start(moments.shape());
    transfer(View<const T, D>(moments), on_host.view());
    const View<T> of_bias(start.data(), {c}), of_log_scale(start.data() + c, {c});
    const Index constant = actnorm_start_from(View<T>(on_host.data(), {c}), View<T>(on_host.data() + c, {c}),
                                              x.rows(), floor, of_bias, of_log_scale);
    transfer(View<const T>(of_bias), bias);
    transfer(View<const T>(of_log_scale), log_scale);
    return constant;
  }
}

}  // namespace glow::ops

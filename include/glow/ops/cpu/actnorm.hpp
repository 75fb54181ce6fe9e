// ActNorm: y = (x + b) * exp(log_s), a channel at a time; log|det dy/dx| = H W sum(log_s).
// Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018,
// section 3.1.
#pragma once

#include <cmath>

#include <glow/core/counted.hpp>
#include <glow/ops/actnorm_start.hpp>
#include <glow/ops/cpu/rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// y = x * scale + shift over the innermost extent, in place; scale and shift are [C].
template <class T>
void channel_affine(View<T, Cpu> x, const T* scale, const T* shift) {
  const Index c = x.channels();
  parallel_ranges(x.rows(), rows_per_task, [&](Index first, Index last) {
    for (T* p = x.data() + first * c; p != x.data() + last * c; p += c) {
      for (Index i = 0; i < c; ++i) p[i] = p[i] * scale[i] + shift[i];
    }
  });
}

/// x [N, H, W, C] -> y in place.
template <class T>
void actnorm_forward(View<T, Cpu> bias, View<T, Cpu> log_scale, View<T, Cpu> x) {
  const Index c = x.channels();
  Scratch<T> scale(Shape{c}), shift(Shape{c});
  for (Index i = 0; i < c; ++i) {
    scale[i] = std::exp(log_scale[i]);
    shift[i] = bias[i] * scale[i];
  }
  channel_affine(x, scale.data(), shift.data());
}

/// y [N, H, W, C] -> x = y exp(-log_s) - b in place.
template <class T>
void actnorm_inverse(View<T, Cpu> bias, View<T, Cpu> log_scale, View<T, Cpu> y) {
  const Index c = y.channels();
  Scratch<T> scale(Shape{c}), shift(Shape{c});
  for (Index i = 0; i < c; ++i) {
    scale[i] = std::exp(-log_scale[i]);
    shift[i] = -bias[i];
  }
  channel_affine(y, scale.data(), shift.data());
}

/// y -> x, dy -> dx = dy exp(log_s), in place; d_bias[c] += sum of dx, d_log_scale[c] += sum of dy y (the
/// part of the log-determinant is the caller's).
template <class T>
void actnorm_backward(View<T, Cpu> bias, View<T, Cpu> log_scale, View<T, Cpu> d_bias,
                      View<T, Cpu> d_log_scale, View<T, Cpu> y, View<T, Cpu> dy) {
  const Index c = y.channels();
  Scratch<T> sum_dy(Shape{c}), scale(Shape{c}), shift(Shape{c});
  clear(sum_dy.view());
  clear(shift.view());
  sum_rows(y.rows(), c, d_log_scale.data(), [&](Index r, Index i) { return dy[r * c + i] * y[r * c + i]; });
  sum_rows(y.rows(), c, sum_dy.data(), [&](Index r, Index i) { return dy[r * c + i]; });
  for (Index i = 0; i < c; ++i) {
    scale[i] = std::exp(log_scale[i]);
    d_bias[i] += sum_dy[i] * scale[i];
  }
  channel_affine(dy, scale.data(), shift.data());
  actnorm_inverse(bias, log_scale, y);
}

/// Data-dependent start from x [N, H, W, C], see actnorm_start_from. Returns the number of constant channels.
template <class T, OrCounted<Cpu> D>
Index actnorm_start(View<T, D> bias, View<T, D> log_scale,
                    View<const std::type_identity_t<T>, std::type_identity_t<D>> x, T floor) {
  if constexpr (is_counted<D>) {
    return 0;
  } else {
    const Index c = x.channels();
    Scratch<T> mean(Shape{c}), squares(Shape{c});
    clear(mean.view());
    clear(squares.view());
    sum_rows(x.rows(), c, mean.data(), [&](Index r, Index i) { return x[r * c + i]; });
    for (T& m : mean) m /= static_cast<T>(x.rows());
    sum_rows(x.rows(), c, squares.data(), [&](Index r, Index i) {
      const T d = x[r * c + i] - mean[i];
      return d * d;
    });
    return actnorm_start_from(mean, squares, x.rows(), floor, bias, log_scale);
  }
}

}  // namespace glow::ops

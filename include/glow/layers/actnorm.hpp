// ActNorm: y = (x + b) * exp(log_s), a channel at a time; log|det dy/dx| = H W sum(log_s).
// Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018,
// section 3.1.
#pragma once

#include <glow/core/warning.hpp>
#include <glow/layers/params.hpp>
#include <glow/ops/cpu/actnorm.hpp>
#include <glow/ops/cpu/logdet.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Affine map of each channel with a data-dependent start: the first batch leaves it with mean 0 and
/// deviation 1, if it has enough numbers (ops/actnorm_start.hpp). Takes images [N, H, W, C] and vectors [N,
/// D].
struct ActNorm {
  static constexpr std::string_view name = "actnorm";
  static constexpr bool only_calls_ops = true;

  /// Deviation of a channel below which it counts as constant in the start.
  static constexpr double deviation_floor = 1e-4;

  template <class Leaf>
  struct Params {
    Leaf bias;       ///< b [C]
    Leaf log_scale;  ///< log_s [C]

    template <class F>
    void visit(F&& f) {
      f("bias", bias);
      f("log_scale", log_scale);
    }
  };

  /// Throws ShapeError for an input that is no batch.
  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() >= 2, "ActNorm: input ", x, " must be [N, H, W, C] or [N, D]");
    return {{x.back()}, {x.back()}};
  }

  /// Sets b = -mean and log_s = -log(deviation) from x, with the centred variance; warns of constant
  /// channels.
  template <class T, class D>
  void start(Params<View<T, D>>& p, View<T, D> x) const {
    if (const Index n = actnorm_start(p.bias, p.log_scale, x, static_cast<T>(deviation_floor)); n > 0) {
      warn("ActNorm start: ", n, " of ", x.channels(),
           " channels are constant over the first batch; they take the scale of all channels");
    }
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D> logdet) const {
    actnorm_forward(p.bias, p.log_scale, x);
    add_sum_to_logdet(logdet, p.log_scale, static_cast<T>(x.positions()));
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, View<T, D> logdet) const {
    actnorm_inverse(p.bias, p.log_scale, y);
    add_sum_to_logdet(logdet, p.log_scale, -static_cast<T>(y.positions()));
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                View<T, D> dlogdet) const {
    actnorm_backward(p.bias, p.log_scale, grad.bias, grad.log_scale, y, dy);
    add_logdet_to_sum(dlogdet, grad.log_scale, static_cast<T>(y.positions()));
  }
};

}  // namespace glow

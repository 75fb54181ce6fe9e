// Invertible 1x1 convolution, y = W x at every pixel, W = P L (U + diag(sign_s exp(log_s))); log|det dy/dx| =
// H W sum(log_s). Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions,
// NeurIPS 2018, section 3.2.
#pragma once

#include <glow/layers/params.hpp>
#include <glow/ops/cpu/conv1x1.hpp>
#include <glow/ops/cpu/logdet.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Learned mixing of channels that starts as a random rotation. P and sign_s are fixed at the start.
struct Conv1x1 {
  static constexpr std::string_view name = "conv1x1";
  static constexpr bool only_calls_ops = true;

  template <class Leaf>
  struct Params {
    Leaf lower;        ///< L [C, C]: used below its diagonal, which counts as 1
    Leaf upper;        ///< U [C, C]: used above its diagonal
    Leaf log_s;        ///< [C]
    Leaf permutation;  ///< P [C, C], constant
    Leaf sign_s;       ///< [C], +1 or -1, constant
    Leaf weight;       ///< W [C, C], derived
    Leaf inverse;      ///< W^-1 [C, C], derived
    Leaf packed_weight, packed_weight_t,
        packed_inverse;  ///< operands of products with W^T, W and W^-T, derived

    template <class F>
    void visit(F&& f) {
      f("lower", lower);
      f("upper", upper);
      f("log_s", log_s);
      f("permutation", permutation, Role::constant);
      f("sign_s", sign_s, Role::constant);
      f("weight", weight, Role::derived);
      f("inverse", inverse, Role::derived);
      f("packed_weight", packed_weight, Role::derived);
      f("packed_weight_t", packed_weight_t, Role::derived);
      f("packed_inverse", packed_inverse, Role::derived);
    }
  };

  /// Takes images [N, H, W, C] and vectors [N, D]; throws ShapeError for an input that is no batch.
  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() >= 2, "Conv1x1: input ", x, " must be [N, H, W, C] or [N, D]");
    const Index c = x.back();
    const Shape square{c, c}, packed = ops::packed_shape(c, c);
    return {square, square, {c}, square, {c}, square, square, packed, packed, packed};
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    conv1x1_start(p.permutation, p.lower, p.upper, p.log_s, p.sign_s, random);
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    conv1x1_assemble(p.permutation, p.lower, p.upper, p.log_s, p.sign_s, p.weight, p.inverse);
    conv1x1_pack(p.weight, p.packed_weight, p.packed_weight_t);
    conv1x1_pack(p.inverse, p.packed_inverse, View<T, D>());
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D> logdet) const {
    conv1x1_apply(p.packed_weight, x);
    add_sum_to_logdet(logdet, p.log_s, static_cast<T>(x.positions()));
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, View<T, D> logdet) const {
    conv1x1_apply(p.packed_inverse, y);
    add_sum_to_logdet(logdet, p.log_s, -static_cast<T>(y.positions()));
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                View<T, D> dlogdet) const {
    conv1x1_apply(p.packed_inverse, y);
    const Scratch<T, D> d_weight(p.weight.shape());
    conv1x1_weight_gradient(y, dy, d_weight.view());
    conv1x1_pull_back(p.permutation, p.lower, p.upper, p.log_s, p.sign_s, d_weight.view(), grad.lower,
                      grad.upper, grad.log_s);
    conv1x1_apply(p.packed_weight_t, dy);
    add_logdet_to_sum(dlogdet, grad.log_s, static_cast<T>(y.positions()));
  }
};

}  // namespace glow

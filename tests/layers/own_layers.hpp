// Layers as users write them, in tape operations alone.
#pragma once

#include <glow/glow.hpp>

namespace glow::test {

/// y = asinh(x exp(s)), a channel at a time.
struct Squash {
  static constexpr std::string_view name = "squash";
  template <class Leaf>
  struct Params {
    Leaf log_scale;
    template <class F>
    void visit(F&& f) {
      f("log_scale", log_scale);
    }
  };
  Params<Shape> declare(const Shape& x) const { return {{x.back()}}; }
  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    const V scaled = x * exp(p.log_scale);
    logdet += sum_per_sample(p.log_scale - 0.5 * log(1 + square(scaled)));
    return asinh(scaled);
  }
  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    const V scaled = sinh(y);
    logdet -= sum_per_sample(p.log_scale - 0.5 * log(1 + square(scaled)));
    return scaled * exp(-p.log_scale);
  }
};

/// An ActNorm whose scale is trained as it is, not as a logarithm: y = (x + mean) sigma, a channel at a time.
struct PlainActNorm {
  static constexpr std::string_view name = "plain_actnorm";
  template <class Leaf>
  struct Params {
    Leaf mean, sigma;
    template <class F>
    void visit(F&& f) {
      f("mean", mean);
      f("sigma", sigma);
    }
  };
  Params<Shape> declare(const Shape& x) const { return {{x.back()}, {x.back()}}; }
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random) const {
    fill(p.sigma, 1);
  }
  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    logdet += sum(log(abs(p.sigma))) * x.height() * x.width();
    return (x + p.mean) * p.sigma;
  }
  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    logdet -= sum(log(abs(p.sigma))) * y.height() * y.width();
    return y / p.sigma - p.mean;
  }
};

}  // namespace glow::test

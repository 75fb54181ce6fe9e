// The built-in layers once more, each as its equation in tape operations: the tape's gradients of these are
// the witnesses of the hand-written ones. They share the parameters of the layers they stand for.
#pragma once

#include "support.hpp"

namespace glow::test {

struct SqueezeEquation {
  template <class Leaf>
  using Params = Squeeze::Params<Leaf>;
  template <class P, class V>
  V forward(const P&, V x, V&) const {
    return squeeze(x);
  }
  template <class P, class V>
  V inverse(const P&, V y, V&) const {
    return unsqueeze(y);
  }
};

struct ActNormEquation {
  template <class Leaf>
  using Params = ActNorm::Params<Leaf>;
  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    logdet += sum(p.log_scale) * (x.height() * x.width());
    return (x + p.bias) * exp(p.log_scale);
  }
  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    logdet -= sum(p.log_scale) * (y.height() * y.width());
    return y * exp(-p.log_scale) - p.bias;
  }
};

struct Conv1x1Equation {
  template <class Leaf>
  using Params = Conv1x1::Params<Leaf>;
  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    logdet += sum(p.log_s) * (x.height() * x.width());
    const V ones = exp(p.log_s * 0);
    const V lower = strictly_lower(p.lower) + diagonal(ones);
    const V upper = strictly_upper(p.upper) + diagonal(p.sign_s * exp(p.log_s));
    return conv1x1(x, matmul(p.permutation, matmul(lower, upper)));
  }
  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    logdet -= sum(p.log_s) * (y.height() * y.width());
    return conv1x1(y, p.inverse);
  }
};

struct CouplingEquation {
  template <class Leaf>
  using Params = Coupling::Params<Leaf>;
  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    const Index changed = x.channels() / 2, kept = x.channels() - changed;
    const V x_b = channels(x, changed, kept);
    const V h = network(p, x_b);
    const V a = channels(h, changed, changed) + 2;
    logdet += sum_per_sample(log_sigmoid(a));
    return concat_channels(sigmoid(a) * channels(x, 0, changed) + channels(h, 0, changed), x_b);
  }
  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    const Index changed = y.channels() / 2, kept = y.channels() - changed;
    const V y_b = channels(y, changed, kept);
    const V h = network(p, y_b);
    const V a = channels(h, changed, changed) + 2;
    logdet -= sum_per_sample(log_sigmoid(a));
    return concat_channels((channels(y, 0, changed) - channels(h, 0, changed)) * (1 + exp(-a)), y_b);
  }

 private:
  template <class P, class V>
  static V network(const P& p, V x) {
    const V h1 = relu(conv3x3(x, p.conv1.kernel) + p.conv1.bias);
    const V h2 = relu(conv1x1(h1, transpose(p.conv2.kernel)) + p.conv2.bias);
    return conv3x3(h2, p.conv3.kernel) + p.conv3.bias;
  }
};

}  // namespace glow::test

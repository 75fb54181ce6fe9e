// The network of a coupling on vectors: three fully connected layers with ReLU between, the last from zeros.
#pragma once

#include <cmath>

#include <glow/ad/ops.hpp>
#include <glow/core/random.hpp>
#include <glow/layers/architecture.hpp>
#include <glow/layers/params.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A conditioner in tape operations for x [N, ..., c]: every position is a vector of its own, which sees no
/// other.
class Mlp {
 public:
  template <class Leaf>
  struct Dense {
    Leaf weight;  ///< [in, out]
    Leaf bias;    ///< [out]

    template <class F>
    void visit(F&& f) {
      f("weight", weight, Role::weight);
      f("bias", bias);
    }
  };

  template <class Leaf>
  struct Params {
    Dense<Leaf> dense1, dense2, dense3;

    template <class F>
    void visit(F&& f) {
      dense1.visit(with_prefix("dense1", f));
      dense2.visit(with_prefix("dense2", f));
      dense3.visit(with_prefix("dense3", f));
    }
  };

  /// `width`: hidden units of each of the two hidden layers; throws ShapeError below 1.
  explicit Mlp(Index width = 64) : width_(width) {
    require<ShapeError>(width >= 1, "Mlp: width ", width, " must be at least 1");
  }
  explicit Mlp(const Architecture& a) : Mlp(a.width) {}

  Index width() const { return width_; }

  Params<Shape> declare(const Shape& x, Index outputs) const {
    return {{{x.back(), width_}, {width_}}, {{width_, width_}, {width_}}, {{width_, outputs}, {outputs}}};
  }

  /// Weights and biases of the hidden layers from N(0, 1 / fan-in): without biases all units of a single
  /// input would bend at 0. The last layer stays zero, so that the output starts as zeros.
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    std::uint64_t layer = 0;
    for (auto* const dense : {&p.dense1, &p.dense2}) {
      const auto fan_in = static_cast<double>(dense->weight.shape()[0]);
      const auto deviation = static_cast<T>(1 / std::sqrt(fan_in));
      fill_normal(dense->weight, random.fork(layer), deviation);
      fill_normal(dense->bias, random.fork(2 + layer++), deviation);
    }
  }

  template <class P, class V>
  V forward(const P& p, V x) const {
    const V rows = reshape(x, {x.value().rows(), x.channels()});
    const V h1 = relu(matmul(rows, p.dense1.weight) + p.dense1.bias);
    const V h2 = relu(matmul(h1, p.dense2.weight) + p.dense2.bias);
    const V h = matmul(h2, p.dense3.weight) + p.dense3.bias;
    return reshape(h, x.shape().with_back(h.channels()));
  }

 private:
  Index width_;
};

}  // namespace glow

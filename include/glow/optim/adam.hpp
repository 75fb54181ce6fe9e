// Adam on one flat buffer: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, x -= lr (m / (1 - b1^t)) / (sqrt(v
// / (1 - b2^t)) + eps). Source: D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015,
// algorithm 1.
#pragma once

#include <cmath>

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/core/tensor.hpp>

namespace glow {

/// Adam's constants.
struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

namespace ops {

/// One step; all buffers have one size, `step` counts from 1.
template <class T>
void adam_step(View<T, Cpu> x, View<const std::type_identity_t<T>, Cpu> gradient, View<T, Cpu> m,
               View<T, Cpu> v, double rate, Index step, const AdamOptions& o) {
  const T b1 = static_cast<T>(o.beta1), b2 = static_cast<T>(o.beta2), eps = static_cast<T>(o.epsilon);
  const T lr = static_cast<T>(rate);
  const T correct1 = static_cast<T>(1 / (1 - std::pow(o.beta1, static_cast<double>(step))));
  const T correct2 = static_cast<T>(1 / (1 - std::pow(o.beta2, static_cast<double>(step))));
  parallel_ranges(x.size(), 16384, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const T g = gradient[i];
      m[i] = b1 * m[i] + (T(1) - b1) * g;
      v[i] = b2 * v[i] + (T(1) - b2) * g * g;
      x[i] -= lr * (m[i] * correct1) / (std::sqrt(v[i] * correct2) + eps);
    }
  });
}

/// Euclidean norm, summed in double in a fixed order.
template <class T>
double norm(View<T, Cpu> x) {
  constexpr Index grain = 16384;
  Scratch<double> partial(Shape{(x.size() + grain - 1) / grain});
  parallel_ranges(x.size(), grain, [&](Index first, Index last) {
    double sum = 0;
    for (Index i = first; i < last; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    partial[first / grain] = sum;
  });
  double sum = 0;
  for (const double p : partial) sum += p;
  return std::sqrt(sum);
}

}  // namespace ops

/// Adam's state for a flat buffer of parameters.
template <class T, class D = Cpu>
class Adam {
 public:
  explicit Adam(Index size, AdamOptions options = {}) : m_(Shape{size}), v_(Shape{size}), options_(options) {}

  /// values -= one step along gradient at learning rate `rate`.
  void step(View<T, D> values, View<const T, D> gradient, double rate) {
    adam_step(values, gradient, m_.view(), v_.view(), rate, ++steps_, options_);
  }

  /// Running means of the gradient and of its square, and the number of steps taken: all that a resumed run
  /// needs.
  View<T, D> first_moment() const { return m_.view(); }
  View<T, D> second_moment() const { return v_.view(); }
  Index steps() const { return steps_; }
  void set_steps(Index n) { steps_ = n; }

 private:
  Tensor<T, D> m_, v_;
  AdamOptions options_;
  Index steps_ = 0;
};

}  // namespace glow

// Adam on one flat buffer: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, x -= lr (m / (1 - b1^t)) / (sqrt(v
// / (1 - b2^t)) + eps). Source: D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015,
// algorithm 1.
#pragma once

#include <Eigen/Core>
#include <type_traits>

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/adam_rule.hpp>

namespace glow::ops {

/// One step by the scalars at[0] (nothing if they say so); all other buffers have one size.
template <class T>
void adam_step(View<T, Cpu> x, View<const std::type_identity_t<T>, Cpu> gradient, View<T, Cpu> m,
               View<T, Cpu> v, View<const AdamScale, Cpu> at, const AdamOptions& o) {
  const AdamScale scale = at[0];
  if (!scale.taken) return;
  const T b1 = static_cast<T>(o.beta1), b2 = static_cast<T>(o.beta2), eps = static_cast<T>(o.epsilon);
  const T lr = static_cast<T>(scale.rate);
  const T correct1 = static_cast<T>(scale.correct1), correct2 = static_cast<T>(scale.correct2);
  parallel_ranges(x.size(), 2048, [&](Index first, Index last) {
    const auto part = [&](auto* p) {
      using Number = std::remove_pointer_t<decltype(p)>;
      using Array = Eigen::Array<std::remove_const_t<Number>, Eigen::Dynamic, 1>;
      return Eigen::Map<std::conditional_t<std::is_const_v<Number>, const Array, Array>>(p + first,
                                                                                         last - first);
    };
    // Eigen takes a vector at a time, square roots included.
    const auto g = part(gradient.data());
    auto mean = part(m.data()), square = part(v.data()), value = part(x.data());
    mean = b1 * mean + (T(1) - b1) * g;
    square = b2 * square + (T(1) - b2) * g.square();
    value -= lr * (mean * correct1) / ((square * correct2).sqrt() + eps);
  });
}

/// result[0] = Euclidean norm, summed in double in a fixed order.
template <class T>
void norm(View<const T, Cpu> x, View<double, Cpu> result) {
  constexpr Index grain = 16384;
  Scratch<double> partial(Shape{(x.size() + grain - 1) / grain});
  parallel_ranges(x.size(), grain, [&](Index first, Index last) {
    constexpr Index lanes = 32;  // sums side by side, which the compiler takes some vectors at a time
    double sums[lanes] = {};
    const auto add = [&](Index i, Index lane) {
      const double v = static_cast<double>(x[i + lane]);
      sums[lane] += v * v;
    };
    Index i = first;
    for (; i + lanes <= last; i += lanes) {
      for (Index lane = 0; lane < lanes; ++lane) add(i, lane);
    }
    for (Index lane = 0; i + lane < last; ++lane) add(i, lane);
    double sum = 0;
    for (const double s : sums) sum += s;
    partial[first / grain] = sum;
  });
  double sum = 0;
  for (const double p : partial) sum += p;
  result[0] = std::sqrt(sum);
}

}  // namespace glow::ops

// Adam and its kin on one flat buffer, with g the gradient as it is cut (AdamScale). Adam: m = b1 m + (1 -
// b1) g, v = b2 v + (1 - b2) g^2, x -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps); AdamW: the same
// from x (1 - lr decay); Adamax: v = max(b2 v, |g|), x -= lr (m / (1 - b1^t)) / (v + eps). And the running
// average of parameters. Sources: see ops/adam_rule.hpp; B. Polyak, A. Juditsky, Acceleration of Stochastic
// Approximation by Averaging, 1992, in the form of an exponential mean without its bias.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <type_traits>

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/adam_rule.hpp>
#include <glow/ops/decayed.hpp>

namespace glow::ops {

namespace detail {

// Elements first ... last - 1 of a buffer, for Eigen, which takes a vector at a time, square roots included.
template <class Number>
auto array_of(Number* p, Index first, Index last) {
  using Array = Eigen::Array<std::remove_const_t<Number>, Eigen::Dynamic, 1>;
  return Eigen::Map<std::conditional_t<std::is_const_v<Number>, const Array, Array>>(p + first, last - first);
}

// x *= factor where decay acts, for elements first ... last - 1.
template <class T>
void decay(View<T, Cpu> x, const Decayed& decayed, T factor, Index first, Index last) {
  for (Index i = first, b = decayed.before(first); i < last; ++b) {
    const Index end = b < decayed.count ? std::min(last, decayed.bounds[b]) : last;
    if (b % 2 == 1) array_of(x.data(), i, end) *= factor;
    i = end;
  }
}

}  // namespace detail

/// One step by the scalars at[0] (nothing if they say so); all other buffers have one size. m and v are 0
/// before the first; bounds: of the elements that adamw's decay acts on, see Decayed.
template <class T>
void adam_step(View<T, Cpu> x, View<const std::type_identity_t<T>, Cpu> gradient, View<T, Cpu> m,
               View<T, Cpu> v, View<const AdamScale, Cpu> at, const AdamOptions& o,
               View<const Index, Cpu> bounds) {
  const AdamScale scale = at[0];
  if (!scale.taken) return;
  const T b1 = static_cast<T>(o.beta1), b2 = static_cast<T>(o.beta2), eps = static_cast<T>(o.epsilon);
  const T lr = static_cast<T>(scale.rate);
  const T correct1 = static_cast<T>(scale.correct1), correct2 = static_cast<T>(scale.correct2);
  const T factor = static_cast<T>(scale.gradient), largest = static_cast<T>(scale.largest);
  const Decayed decayed{bounds.data(), bounds.size()};
  parallel_ranges(x.size(), 2048, [&](Index first, Index last) {
    const auto g = (detail::array_of(gradient.data(), first, last) * factor).min(largest).max(-largest);
    auto mean = detail::array_of(m.data(), first, last), scales = detail::array_of(v.data(), first, last),
         value = detail::array_of(x.data(), first, last);
    mean = b1 * mean + (T(1) - b1) * g;
    if (o.variant == AdamVariant::adamax) {
      scales = (b2 * scales).max(g.abs());
      value -= lr * (mean * correct1) / (scales + eps);
      return;
    }
    if (o.variant == AdamVariant::adamw)
      detail::decay(x, decayed, static_cast<T>(1 - scale.rate * o.weight_decay), first, last);
    scales = b2 * scales + (T(1) - b2) * g.square();
    value -= lr * (mean * correct1) / ((scales * correct2).sqrt() + eps);
  });
}

/// average += share (x - average), with the share at[0].average, unless the step was not taken.
template <class T>
void average_step(View<T, Cpu> average, View<const std::type_identity_t<T>, Cpu> x,
                  View<const AdamScale, Cpu> at) {
  const AdamScale scale = at[0];
  if (!scale.taken) return;
  const T share = static_cast<T>(scale.average);
  parallel_ranges(x.size(), 4096, [&](Index first, Index last) {
    auto mean = detail::array_of(average.data(), first, last);
    mean += share * (detail::array_of(x.data(), first, last) - mean);
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

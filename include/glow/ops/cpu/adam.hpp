// Adam and its kin on one flat buffer, with g the gradient as it is cut (AdamScale). Adam: m = b1 m + (1 -
// b1) g, v = b2 v + (1 - b2) g^2, x -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps); AdamW: the same
// from x (1 - lr decay); Adamax: v = max(b2 v, |g|), x -= lr (m / (1 - b1^t)) / (v + eps). And the running
// average of parameters. Sources: see ops/adam_rule.hpp; B. Polyak, A. Juditsky, Acceleration of Stochastic
// Approximation by Averaging, 1992, in the form of an exponential mean without its bias.
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/adam_rule.hpp>
#include <glow/ops/cpu/instruction_sets.hpp>
#include <glow/ops/cpu/square_root.hpp>
#include <glow/ops/decayed.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// sqrt(x) of the numbers of a vector; one by one, and to the last bit, where they do not make a whole one.
template <bool Whole, class V>
V root(V x) {
  if constexpr (Whole) return square_root(x);
  for (std::size_t i = 0; i < sizeof x / sizeof x[0]; ++i) x[i] = std::sqrt(x[i]);
  return x;
}

// The step's numbers in T.
template <class T>
struct AdamNumbers {
  T b1, b2, eps, rate, correct1, correct2, factor, largest;
  bool by_largest;  // as Adamax does

  AdamNumbers(const AdamScale& s, const AdamOptions& o)
      : b1(static_cast<T>(o.beta1)),
        b2(static_cast<T>(o.beta2)),
        eps(static_cast<T>(o.epsilon)),
        rate(static_cast<T>(s.rate)),
        correct1(static_cast<T>(s.correct1)),
        correct2(static_cast<T>(s.correct2)),
        factor(static_cast<T>(s.gradient)),
        largest(static_cast<T>(s.largest)),
        by_largest(o.variant == AdamVariant::adamax) {}

  // Steps of n numbers, a vector of them if they are a whole one.
  template <bool Whole>
  [[gnu::always_inline]] void step(T* x, const T* gradient, T* m, T* v, Index n) const {
    using V = BuildIsa::Vector<T>;
    const auto read = [n](const T* p) { return BuildIsa::read<Whole>(p, n); };
    const V zero{}, scaled = read(gradient) * factor;
    const V below = zero + largest < scaled ? zero + largest : scaled;
    const V g = below < zero - largest ? zero - largest : below;
    // Of two products, that in a register is rounded; g++ may fuse the other with the sum.
    const V old_mean = BuildIsa::in_register(b1 * read(m)), new_mean = (T(1) - b1) * g;
    const V mean = old_mean + new_mean;
    const V old_scales = BuildIsa::in_register(b2 * read(v));
    V scales, divisor;
    if (by_largest) {
      const V size = g < zero ? -g : g;
      scales = old_scales < size ? size : old_scales;
      divisor = scales + eps;
    } else {
      const V square = g * g, new_scales = (T(1) - b2) * square;
      scales = old_scales + new_scales;
      divisor = root<Whole>(scales * correct2) + eps;
    }
    const V value = read(x) - rate * (mean * correct1) / divisor;
    BuildIsa::write<Whole>(m, mean, n);
    BuildIsa::write<Whole>(v, scales, n);
    BuildIsa::write<Whole>(x, value, n);
  }
};

// x *= factor where decay acts, for elements first ... last - 1.
template <class T>
void decay(View<T, Cpu> x, const Decayed& decayed, T factor, Index first, Index last) {
  for (Index i = first, b = decayed.before(first); i < last; ++b) {
    const Index end = b < decayed.count ? std::min(last, decayed.bounds[b]) : last;
    if (b % 2 == 0) i = end;
    for (; i < end; ++i) x[i] *= factor;
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
  const Decayed decayed{bounds.data(), bounds.size()};
  parallel_ranges(x.size(), 2048, [&](Index first, Index last) {
    if (o.variant == AdamVariant::adamw)
      detail::decay(x, decayed, static_cast<T>(1 - scale.rate * o.weight_decay), first, last);
    const detail::AdamNumbers<T> numbers(scale, o);
    constexpr Index width = BuildIsa::lanes<T>;
    T *const px = x.data(), *const pm = m.data(), *const pv = v.data();
    const T* const pg = gradient.data();
    Index i = first;
    for (; i + width <= last; i += width) numbers.template step<true>(px + i, pg + i, pm + i, pv + i, width);
    if (i < last) numbers.template step<false>(px + i, pg + i, pm + i, pv + i, last - i);
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
    for (Index i = first; i < last; ++i) {
      const T change = share * (x[i] - average[i]);
      average[i] += change;
    }
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

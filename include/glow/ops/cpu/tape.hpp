// What the tape computes: maps element by element, rearrangements and sums, and their pull-backs. f is one of
// ad/functions.hpp, r one of ad/rearrangements.hpp.
#pragma once

#include <glow/core/tensor.hpp>
#include <glow/ops/spread.hpp>

namespace glow::ops {

/// y = f(x).
template <class F, class T>
void tape_map(F f, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  for (Index i = 0, size = y.size(); i < size; ++i) y[i] = f(x[i]);
}

/// dx += dy f'(x), where y = f(x).
template <class F, class T>
void tape_map_pull(F f, View<const std::type_identity_t<T>, Cpu> x,
                   View<const std::type_identity_t<T>, Cpu> y, View<const std::type_identity_t<T>, Cpu> dy,
                   View<T, Cpu> dx) {
  for (Index i = 0, size = dx.size(); i < size; ++i) dx[i] += dy[i] * f.derivative(x[i], y[i]);
}

/// y = f(a, b), a and b spread over y.
template <class F, class T>
void tape_map2(F f, View<const std::type_identity_t<T>, Cpu> a, View<const std::type_identity_t<T>, Cpu> b,
               View<T, Cpu> y) {
  const Spread<const T> at_a{a.data(), a.size()}, at_b{b.data(), b.size()};
  for (Index i = 0, size = y.size(); i < size; ++i) y[i] = f(at_a[i], at_b[i]);
}

/// d += dy df(a, b), where df is the partial derivative by the operand whose gradient is d; a, b and d are
/// spread over dy.
template <class F, class T>
void tape_map2_pull(F df, View<const std::type_identity_t<T>, Cpu> a,
                    View<const std::type_identity_t<T>, Cpu> b, View<const std::type_identity_t<T>, Cpu> dy,
                    View<T, Cpu> d) {
  const Spread<const T> at_a{a.data(), a.size()}, at_b{b.data(), b.size()};
  const Spread<T> at_d{d.data(), d.size()};
  for (Index i = 0, size = dy.size(); i < size; ++i) {
    T& to = at_d[i];
    const T slope = df(at_a[i], at_b[i]);
    to += dy[i] * slope;
  }
}

/// y[i] = x[r.source(i)], or 0 where that is negative.
template <class R, class T>
void tape_rearrange(R r, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  for (Index i = 0, size = y.size(); i < size; ++i) {
    const Index source = r.source(i);
    y[i] = source < 0 ? T(0) : x[source];
  }
}

/// dx[r.source(i)] += dy[i] where the source is not negative.
template <class R, class T>
void tape_rearrange_pull(R r, View<const std::type_identity_t<T>, Cpu> dy, View<T, Cpu> dx) {
  for (Index i = 0, size = dy.size(); i < size; ++i) {
    if (const Index source = r.source(i); source >= 0) dx[source] += dy[i];
  }
}

/// y = the sums of runs of `run` consecutive elements of x.
template <class T>
void tape_sum_runs(Index run, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  for (Index i = 0, size = y.size(); i < size; ++i) {
    T sum = 0;
    for (Index j = 0; j < run; ++j) sum += x[i * run + j];
    y[i] = sum;
  }
}

/// dx[i] += dy[i / run].
template <class T>
void tape_sum_runs_pull(Index run, View<const std::type_identity_t<T>, Cpu> dy, View<T, Cpu> dx) {
  for (Index i = 0, size = dx.size(); i < size; ++i) dx[i] += dy[i / run];
}

}  // namespace glow::ops

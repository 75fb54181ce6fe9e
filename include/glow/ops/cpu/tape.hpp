// What the tape computes: maps element by element, rearrangements and sums, and their pull-backs, on all
// threads. f is one of ad/functions.hpp, r one of ad/rearrangements.hpp.
#pragma once

#include <glow/core/tensor.hpp>
#include <glow/ops/cpu/rows.hpp>
#include <glow/ops/spread.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Elements in a task of the tape's pointwise work.
inline constexpr Index tape_grain = 1 << 14;

// Calls fn(i, n) for runs i ... i + n - 1 of elements first ... last - 1 within which each spread operand
// lies in one piece or is one element.
template <class F, class... Operand>
void for_each_run(Index first, Index last, F fn, const Operand&... operands) {
  Index run = last;
  ((run = operands.period > 1 ? std::min(run, operands.period) : run), ...);
  for (Index i = first, n; i < last; i += n) {
    n = std::min(last - i, run - i % run);
    fn(i, n);
  }
}

// Calls fn(element i of the operand and those after it, step) with a step of 1 or 0 that the compiler knows,
// so that it makes vectors of the loop over a run.
template <class T, class F>
void with_run(const Spread<T>& operand, Index i, F fn) {
  if (operand.period == 1) return fn(operand.data, std::integral_constant<Index, 0>());
  fn(&operand[i], std::integral_constant<Index, 1>());
}

}  // namespace detail

/// y = f(x).
template <class F, class T>
void tape_map(F f, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  parallel_ranges(y.size(), detail::tape_grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) y[i] = f(x[i]);
  });
}

/// dx += dy f'(x), where y = f(x).
template <class F, class T>
void tape_map_pull(F f, View<const std::type_identity_t<T>, Cpu> x,
                   View<const std::type_identity_t<T>, Cpu> y, View<const std::type_identity_t<T>, Cpu> dy,
                   View<T, Cpu> dx) {
  parallel_ranges(dx.size(), detail::tape_grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) dx[i] += dy[i] * f.derivative(x[i], y[i]);
  });
}

/// y = f(a, b), a and b spread over y.
template <class F, class T>
void tape_map2(F f, View<const std::type_identity_t<T>, Cpu> a, View<const std::type_identity_t<T>, Cpu> b,
               View<T, Cpu> y) {
  const Spread<const T> at_a{a.data(), a.size()}, at_b{b.data(), b.size()};
  const auto compute = [&](Index i, Index n) {
    detail::with_run(at_a, i, [&](const T* run_a, auto step_a) {
      detail::with_run(at_b, i, [&](const T* run_b, auto step_b) {
        for (Index j = 0; j < n; ++j) y[i + j] = f(run_a[j * step_a], run_b[j * step_b]);
      });
    });
  };
  parallel_ranges(y.size(), detail::tape_grain,
                  [&](Index first, Index last) { detail::for_each_run(first, last, compute, at_a, at_b); });
}

/// d += dy df(a, b), where df is the partial derivative by the operand whose gradient is d; a, b and d are
/// spread over dy.
template <class F, class T>
void tape_map2_pull(F df, View<const std::type_identity_t<T>, Cpu> a,
                    View<const std::type_identity_t<T>, Cpu> b, View<const std::type_identity_t<T>, Cpu> dy,
                    View<T, Cpu> d) {
  const Spread<const T> at_a{a.data(), a.size()}, at_b{b.data(), b.size()};
  if (dy.size() == 0) return;
  if (d.size() < dy.size()) {
    // Where d is spread the other operand is as large as dy.
    sum_rows(dy.size() / d.size(), d.size(), d.data(), [&](Index row, Index column) {
      const Index i = row * d.size() + column;
      return dy[i] * df(a[a.size() < dy.size() ? column : i], b[b.size() < dy.size() ? column : i]);
    });
    return;
  }
  const auto pull = [&](Index i, Index n) {
    detail::with_run(at_a, i, [&](const T* run_a, auto step_a) {
      detail::with_run(at_b, i, [&](const T* run_b, auto step_b) {
        for (Index j = 0; j < n; ++j) d[i + j] += dy[i + j] * df(run_a[j * step_a], run_b[j * step_b]);
      });
    });
  };
  parallel_ranges(dy.size(), detail::tape_grain,
                  [&](Index first, Index last) { detail::for_each_run(first, last, pull, at_a, at_b); });
}

/// y[i] = x[r.source(i)], or 0 where that is negative.
template <class R, class T>
void tape_rearrange(R r, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  parallel_ranges(y.size(), detail::tape_grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const Index source = r.source(i);
      y[i] = source < 0 ? T(0) : x[source];
    }
  });
}

/// dx[r.source(i)] += dy[i] where the source is not negative.
template <class R, class T>
void tape_rearrange_pull(R r, View<const std::type_identity_t<T>, Cpu> dy, View<T, Cpu> dx) {
  parallel_ranges(dy.size(), detail::tape_grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      if (const Index source = r.source(i); source >= 0) dx[source] += dy[i];
    }
  });
}

/// y = the sums of runs of `run` consecutive elements of x.
template <class T>
void tape_sum_runs(Index run, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  const Index grain = std::max(Index{1}, detail::tape_grain / std::max(Index{1}, run));
  parallel_ranges(y.size(), grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      T sum = 0;
      for (Index j = 0; j < run; ++j) sum += x[i * run + j];
      y[i] = sum;
    }
  });
}

/// dx[i] += dy[i / run].
template <class T>
void tape_sum_runs_pull(Index run, View<const std::type_identity_t<T>, Cpu> dy, View<T, Cpu> dx) {
  parallel_ranges(dx.size(), detail::tape_grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) dx[i] += dy[i / run];
  });
}

}  // namespace glow::ops

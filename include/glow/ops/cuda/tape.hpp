// What the tape computes, on a GPU: maps element by element, rearrangements and sums, and their pull-backs.
// The equations are those of ops/cpu/tape.hpp, the kernels are in kernels/tape_*.cu, instantiated for every
// function of ad/functions.hpp and every rearrangement of ad/rearrangements.hpp.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/tape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// y = f(x).
template <class F, class T>
void tape_map(F f, View<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  kernels::launch_tape_map(f, x.data(), y.data(), y.size(), cuda::stream());
}

/// dx += dy f'(x), where y = f(x).
template <class F, class T>
void tape_map_pull(F f, View<const std::type_identity_t<T>, Cuda> x,
                   View<const std::type_identity_t<T>, Cuda> y, View<const std::type_identity_t<T>, Cuda> dy,
                   View<T, Cuda> dx) {
  kernels::launch_tape_map_pull(f, x.data(), y.data(), dy.data(), dx.data(), dx.size(), cuda::stream());
}

/// y = f(a, b), a and b spread over y.
template <class F, class T>
void tape_map2(F f, View<const std::type_identity_t<T>, Cuda> a, View<const std::type_identity_t<T>, Cuda> b,
               View<T, Cuda> y) {
  const Spread<const T> at_a{a.data(), a.size()}, at_b{b.data(), b.size()};
  kernels::launch_tape_map2(f, at_a, at_b, y.data(), y.size(), cuda::stream());
}

/// d += dy df(a, b), where df is the partial derivative by the operand whose gradient is d; a, b and d are
/// spread over dy.
template <class F, class T>
void tape_map2_pull(F df, View<const std::type_identity_t<T>, Cuda> a,
                    View<const std::type_identity_t<T>, Cuda> b, View<const std::type_identity_t<T>, Cuda> dy,
                    View<T, Cuda> d) {
  const Spread<const T> at_a{a.data(), a.size()}, at_b{b.data(), b.size()};
  const Spread<T> at_d{d.data(), d.size()};
  const bool sums = d.size() != dy.size();
  Scratch<T, Cuda> part(Shape{sums ? kernels::most_parts * d.size() : 0});
  kernels::launch_tape_map2_pull(df, at_a, at_b, dy.data(), dy.size(), at_d, part.data(), cuda::stream());
}

/// y[i] = x[r.source(i)], or 0 where that is negative.
template <class R, class T>
void tape_rearrange(R r, View<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  kernels::launch_tape_rearrange(r, x.data(), y.data(), y.size(), cuda::stream());
}

/// dx[r.source(i)] += dy[i] where the source is not negative.
template <class R, class T>
void tape_rearrange_pull(R r, View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> dx) {
  kernels::launch_tape_rearrange_pull(r, dy.data(), dx.data(), dy.size(), cuda::stream());
}

/// y = the sums of runs of `run` consecutive elements of x.
template <class T>
void tape_sum_runs(Index run, View<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  Scratch<T, Cuda> part(Shape{kernels::most_parts_of(y.size())});
  clear(y);
  kernels::launch_tape_sum_runs(x.data(), y.data(), y.size(), run, part.data(), cuda::stream());
}

/// dx[i] += dy[i / run].
template <class T>
void tape_sum_runs_pull(Index run, View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> dx) {
  kernels::launch_tape_sum_runs_pull(dy.data(), dx.data(), dy.size(), run, cuda::stream());
}

}  // namespace glow::ops

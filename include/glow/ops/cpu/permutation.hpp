// Permutation of channels, y[r, i] = x[r, order[i]] for every row r (the pixels of a batch); log|det| = 0.
#pragma once

#include <algorithm>
#include <numeric>
#include <type_traits>
#include <utility>

#include <glow/core/random.hpp>
#include <glow/ops/channel_order.hpp>
#include <glow/ops/cpu/rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// order [C] = the channels 0 ... C - 1, shuffled by `random` (R. Fisher, F. Yates, 1938, as D. Knuth's
/// algorithm P) or reversed.
template <class T>
void permutation_start(ChannelOrder kind, View<T, Cpu> order, Random random) {
  const Index c = order.size();
  std::iota(order.begin(), order.end(), T(0));
  if (kind == ChannelOrder::reverse) std::reverse(order.begin(), order.end());
  for (Index i = c - 1; kind == ChannelOrder::shuffle && i > 0; --i) {
    const auto w = random.words(static_cast<std::uint64_t>(i));
    const std::uint64_t draw = std::uint64_t{w[0]} << 32 | w[1];
    std::swap(order[i], order[static_cast<Index>(draw % static_cast<std::uint64_t>(i + 1))]);
  }
}

namespace detail {

// Calls move(place in x, place in y) for every element of `rows` rows.
template <class T, class Move>
void permute_rows(View<T, Cpu> order, Index rows, Move move) {
  const Index c = order.size();
  const Scratch<Index> channels(order.shape());
  for (Index i = 0; i < c; ++i) channels[i] = channel_of(order[i], c);
  parallel_ranges(rows, rows_per_task, [&](Index first, Index last) {
    for (Index at = first * c; at < last * c; at += c) {
      for (Index i = 0; i < c; ++i) move(at + channels[i], at + i);
    }
  });
}

}  // namespace detail

/// x [..., C] -> y [..., C], in memory of its own; order [C].
template <class T>
void permutation_forward(View<T, Cpu> order, View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  detail::permute_rows(order, x.rows(), [&](Index in_x, Index in_y) { y[in_y] = x[in_x]; });
}

/// y [..., C] -> x [..., C], in memory of its own; order [C].
template <class T>
void permutation_inverse(View<T, Cpu> order, View<const std::type_identity_t<T>, Cpu> y, View<T, Cpu> x) {
  detail::permute_rows(order, y.rows(), [&](Index in_x, Index in_y) { x[in_x] = y[in_y]; });
}

}  // namespace glow::ops

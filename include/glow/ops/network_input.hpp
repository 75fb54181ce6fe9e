// What the network of a coupling reads, where that is not some channels of the coupling's own batch.
#pragma once

#include <type_traits>

#include <glow/core/tensor.hpp>
#include <glow/ops/condition.hpp>
#include <glow/ops/packed_network.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Images [N, H, W, c] for a network in place of the channels that a coupling on [N, H, W, C] leaves as they
/// are. Without memory (the default) it reads these channels.
template <class T, class D>
struct NetworkInput {
  View<T, D> values;
  View<T, D> gradient;  ///< in the backward pass: += that of `values`

  /// What the network reads for a batch x.
  Pixels<const T> read(View<T, D> x, const CouplingChannels& at) const {
    return pixels<const T>(values, x, at);
  }
  /// Where the gradient of that is added, for the gradient dx of a batch.
  Pixels<T> gradient_of(View<T, D> dx, const CouplingChannels& at) const {
    return pixels<T>(gradient, dx, at);
  }
  /// The input for images first ... first + count - 1.
  NetworkInput images(Index first, Index count) const {
    const auto some = [&](View<T, D> v) { return v.empty() ? v : v.samples(first, count); };
    return {some(values), some(gradient)};
  }

 private:
  template <class Number>
  static Pixels<Number> pixels(View<T, D> own, View<T, D> x, const CouplingChannels& at) {
    if (own.empty()) return {x.data() + at.first_read, x.channels(), x.height(), x.width()};
    return {own.data(), own.channels(), x.height(), x.width()};
  }
};

/// A NetworkInput as a parameter whose T and D other parameters tell.
template <class T, class D>
using NetworkInputOf = std::type_identity_t<NetworkInput<T, D>>;

}  // namespace glow::ops

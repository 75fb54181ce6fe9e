// Alone: the communicator of a training that no other process takes part in.
#pragma once

#include <concepts>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The only rank. What a Trainer does with other ranks is not compiled for it.
class Alone {
 public:
  static constexpr int rank() { return 0; }
  static constexpr int size() { return 1; }
};

/// True for the communicator that never has another rank.
template <class C>
inline constexpr bool is_alone = std::same_as<C, Alone>;

}  // namespace glow

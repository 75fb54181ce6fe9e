// The names of the layers by which channels can be mixed between couplings.
#pragma once

#include <string_view>

#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A layer that mixes channels.
enum class PermutationKind {
  lu,       ///< Conv1x1
  shuffle,  ///< Permutation(ChannelOrder::shuffle)
  reverse,  ///< Permutation(ChannelOrder::reverse)
};

namespace detail {
inline constexpr std::array<std::string_view, 3> permutation_kind_names{"lu", "shuffle", "reverse"};
}

/// "lu", "shuffle" or "reverse".
constexpr std::string_view name_of(PermutationKind kind) {
  return detail::permutation_kind_names[static_cast<std::size_t>(kind)];
}

/// The inverse of name_of; throws Error for another name.
inline PermutationKind permutation_kind_of(std::string_view name) {
  return value_named<PermutationKind>("permutation", detail::permutation_kind_names, name);
}

}  // namespace glow

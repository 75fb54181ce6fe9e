// The names of the parts of a flow that can be conditional.
#pragma once

#include <string_view>

#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Which parts of a flow read its context.
enum class Conditional {
  priors,  ///< the priors of latents alone, so that latents do not depend on the context
  all,     ///< coupling networks, too
};

namespace detail {
inline constexpr std::array<std::string_view, 2> conditional_names{"priors", "all"};
}

/// "priors" or "all".
constexpr std::string_view name_of(Conditional parts) {
  return detail::conditional_names[static_cast<std::size_t>(parts)];
}

/// The inverse of name_of; throws Error for another name.
inline Conditional conditional_of(std::string_view name) {
  return value_named<Conditional>("condition", detail::conditional_names, name);
}

}  // namespace glow

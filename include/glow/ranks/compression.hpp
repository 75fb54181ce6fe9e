// How gradients travel between ranks.
#pragma once

#include <array>
#include <string_view>

#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The form in which ranks send numbers to one another.
enum class Compression {
  none,  ///< as they are
  bf16,  ///< rounded to bf16, which halves the bytes; they are added as they were before
};

namespace detail {
inline constexpr std::array<std::string_view, 2> compression_names{"none", "bf16"};
}

/// "none" or "bf16".
constexpr std::string_view name_of(Compression c) {
  return detail::compression_names[static_cast<std::size_t>(c)];
}

/// The inverse of name_of; throws Error for another name.
inline Compression compression_of(std::string_view name) {
  return value_named<Compression>("compression", detail::compression_names, name);
}

}  // namespace glow

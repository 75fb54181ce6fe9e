// Enumerations whose values have names, on command lines and in files.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The value of Enum that is called `name`, where names[v] is that of value v. Throws Error for another name,
/// with `what` it was to be and all that there are.
template <class Enum, std::size_t N>
Enum value_named(std::string_view what, const std::array<std::string_view, N>& names, std::string_view name) {
  std::string all;
  for (std::size_t v = 0; v < N; ++v) {
    if (name == names[v]) return static_cast<Enum>(v);
    all += join(v == 0 ? "" : ", ", names[v]);
  }
  throw Error(join(what, ": '", name, "' is none of ", all));
}

}  // namespace glow

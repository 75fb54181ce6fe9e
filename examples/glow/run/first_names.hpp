// Some of many names, for messages.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <glow/core/error.hpp>

namespace glow::app {

/// "a, b, c and 5 more": the first names of a list of `count`, of which name(i) is the i-th.
template <class Name>
std::string first_names(std::size_t count, const Name& name) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, count); ++i) text += join(i == 0 ? "" : ", ", name(i));
  return count > most ? join(text, " and ", count - most, " more") : text;
}

}  // namespace glow::app

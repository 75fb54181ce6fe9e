// How the levels of a MultiScale are called: in names of parameters and layers, and in errors.
#pragma once

#include <algorithm>
#include <string>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// A function that gives the name of level l = 1, 2, ...
inline auto level_name(int l) {
  return [l] { return join("level", l); };
}

// Runs fn; a ShapeError "Layer: ..." from it becomes "Layer at level l: ...".
template <class F>
void at_level(int l, F fn) {
  try {
    fn();
  } catch (const ShapeError& e) {
    std::string text = e.what();
    text.insert(std::min(text.find(':'), text.size()), join(" at level ", l));
    throw ShapeError(text);
  }
}

}  // namespace glow::detail

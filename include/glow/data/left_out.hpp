// What lies with data and is not taken.
#pragma once

#include <string>

#include <glow/core/shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Things of one kind that are not taken.
struct LeftOut {
  Index count = 0;
  std::string first;  ///< the name of one of them

  void add(const std::string& name) {
    if (count++ == 0) first = name;
  }
};

}  // namespace glow

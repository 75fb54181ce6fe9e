// Numbers as JSON has them.
#pragma once

#include <cmath>

#include <nlohmann/json.hpp>

namespace glow::app {

/// The number, or null for one that is not finite: JSON has no NaN and no infinity.
inline nlohmann::json finite_json(double v) {
  return std::isfinite(v) ? nlohmann::json(v) : nlohmann::json(nullptr);
}

}  // namespace glow::app

// What the laws of a model are found to be.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>

namespace glow::app {

/// A law of a model, as it was measured.
struct Law {
  std::string name;                ///< "round trip"
  std::optional<double> measured;  ///< its figure; none where it does not apply to the model
  double limit = 0;                ///< the most that the figure may be
  std::string detail;              ///< in words: what was measured, on what, and where it was worst
  std::string where = {};          ///< the layer, parameter or level where it was worst, or ""

  /// Keeps `figure`, of `place`, if it is the worst so far. What is not finite counts as infinity.
  void take(double figure, const std::string& place = {}) {
    if (!std::isfinite(figure)) figure = std::numeric_limits<double>::infinity();
    if (measured && figure <= *measured) return;
    measured = figure;
    where = place;
  }

  bool holds() const { return !measured || *measured <= limit; }
};

/// Told of each law when it has been measured.
using OnLaw = std::function<void(const Law&)>;

}  // namespace glow::app

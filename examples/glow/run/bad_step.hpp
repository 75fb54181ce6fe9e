// A step that was not taken, since its numbers were not finite.
#pragma once

#include <optional>

#include <glow/data/prefetcher.hpp>

#include "engine/engine.hpp"

namespace glow::app {

/// The first of some such steps in a row, until it is told why.
class BadStep {
 public:
  /// Notes a step that was not taken, unless another one waits to be told.
  void note(Index step, Batch batch) {
    if (!step_) step_ = step, batch_ = std::move(batch);
  }
  bool waits() const { return step_.has_value(); }

  /// Warns where its numbers ceased to be finite, and of which images; no step may be under way.
  void tell(Engine& engine, const Dataset& data);

 private:
  std::optional<Index> step_;
  Batch batch_;
};

}  // namespace glow::app

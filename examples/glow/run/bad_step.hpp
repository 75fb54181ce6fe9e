// A step that was not taken, since its numbers were not finite.
#pragma once

#include <optional>

#include <glow/core/warning.hpp>
#include <glow/data/prefetcher.hpp>

namespace glow::app {

/// The first of some such steps in a row, until it is told why.
class BadStep {
 public:
  /// Notes a step that was not taken, unless another one waits to be told.
  void note(Index step, Batch batch) {
    if (!step_) step_ = step, batch_ = std::move(batch);
  }
  bool waits() const { return step_.has_value(); }

  /// Warns of it: `reason(batch, step)` says where its numbers ceased to be finite, and of which images.
  template <class Reason>
  void tell(Reason reason) {
    warn("step ", *step_, " is not finite, ", reason(batch_, *step_));
    step_.reset();
  }

 private:
  std::optional<Index> step_;
  Batch batch_;
};

}  // namespace glow::app

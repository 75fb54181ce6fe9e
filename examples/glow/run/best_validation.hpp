// The best validation of a run, and how long ago it was.
#pragma once

#include <glow/core/shape.hpp>

namespace glow::app {

/// Counted from validation to validation; a checkpoint keeps it.
struct BestValidation {
  Index step = -1;          ///< of the best one; -1 before the first
  double bits_per_dim = 0;  ///< of the best one
  Index since = 0;          ///< validations after it

  /// Takes the validation of one more step, which may be NaN; true if it is the best.
  bool add(Index of_step, double value) {
    if (of_step == step) return false;  // a checkpoint of the best one knows of it
    if (step >= 0 && !(value < bits_per_dim)) {
      ++since;
      return false;
    }
    if (value != value) return false;
    *this = {of_step, value, 0};
    return true;
  }
};

}  // namespace glow::app

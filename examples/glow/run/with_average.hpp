// The averaged weights of a model in training.
#pragma once

#include <glow/runtime/any_trainer.hpp>

namespace glow::app {

/// While it lives, the model of an trainer has its averaged weights, if there are some.
class WithAverage {
 public:
  explicit WithAverage(AnyTrainer& trainer) : trainer_(trainer) { trainer_.use_average(true); }
  WithAverage(const WithAverage&) = delete;
  WithAverage& operator=(const WithAverage&) = delete;
  ~WithAverage() { trainer_.use_average(false); }

 private:
  AnyTrainer& trainer_;
};

}  // namespace glow::app

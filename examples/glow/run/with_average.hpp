// The averaged weights of a model in training.
#pragma once

#include "engine/engine.hpp"

namespace glow::app {

/// While it lives, the model of an engine has its averaged weights, if there are some.
class WithAverage {
 public:
  explicit WithAverage(Engine& engine) : engine_(engine) { engine_.use_average(true); }
  WithAverage(const WithAverage&) = delete;
  WithAverage& operator=(const WithAverage&) = delete;
  ~WithAverage() { engine_.use_average(false); }

 private:
  Engine& engine_;
};

}  // namespace glow::app

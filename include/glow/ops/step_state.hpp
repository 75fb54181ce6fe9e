// What a step of training knows, and how it goes on from step to step: on the host and on a GPU the same. The
// state lives on the model's device, so that a step needs no word from the host but its pixels.
#pragma once

#include <cmath>

#include <glow/core/philox.hpp>
#include <glow/ops/adam_rule.hpp>

namespace glow {

/// The rules by which scalars change from step to step.
struct StepRule {
  double learning_rate = 1e-3;
  Index warmup_steps = 0;
  std::uint64_t seed = 0;
  AdamOptions adam = {};

  /// Learning rate of step t = 1, 2, ...: grows in a line over the warm-up, then stays.
  GLOW_HOST_DEVICE double rate(Index t) const {
    if (t >= warmup_steps) return learning_rate;
    return learning_rate * static_cast<double>(t) / static_cast<double>(warmup_steps);
  }
  /// Noise of step t: each has a stream of its own, so that it draws the same whatever came before.
  GLOW_HOST_DEVICE Random noise(Index t) const { return Random{seed, 1}.fork(static_cast<std::uint64_t>(t)); }
};

/// The scalars of training.
struct StepState {
  Index step = 0;                 ///< steps begun
  Index taken = 0;                ///< of these, those that changed the parameters
  Random noise = {};              ///< of this step's dequantization
  double bits_per_dim = 0;        ///< mean over the batch
  double classifier[2] = {0, 0};  ///< its mean loss in nats, and the share of samples it is right about
  double gradient_norm = 0;       ///< Euclidean norm of all parameters' gradients
  AdamScale adam = {};            ///< this step's; `taken` is false if loss or gradient were not finite
};

/// Before a step's computation.
GLOW_HOST_DEVICE inline void begin(StepState& s, const StepRule& rule) { s.noise = rule.noise(++s.step); }

/// Between its gradient and its change of the parameters: bits_per_dim and gradient_norm are known. A
/// gradient whose square a float cannot hold counts as one that is not finite: Adam would make infinite
/// moments of it, and in the end parameters that are none.
GLOW_HOST_DEVICE inline void judge(StepState& s, const StepRule& rule) {
  constexpr double largest_norm = 1e19;  // its square, 1e38, is below the largest float
  const bool finite = std::isfinite(s.bits_per_dim) && s.gradient_norm <= largest_norm;
  s.adam = adam_scale(rule.rate(s.step), s.taken + 1, rule.adam);
  s.adam.taken = finite;
  s.taken += finite;
}

}  // namespace glow

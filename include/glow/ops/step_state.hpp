// What a step of training knows, and how it goes on from step to step: on the host and on a GPU the same. The
// state lives on the model's device, so that a step needs no word from the host but its pixels.
#pragma once

#include <cmath>

#include <glow/core/philox.hpp>
#include <glow/ops/adam_rule.hpp>
#include <glow/ops/schedule.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The rules by which scalars change from step to step.
struct StepRule {
  double learning_rate = 1e-3;
  Index warmup_steps = 0;
  std::uint64_t seed = 0;
  AdamOptions adam = {};
  Schedule schedule = {};
  double clip_norm = 0;   ///< most that the gradient's norm may be; 0 for any
  double clip_value = 0;  ///< most that its numbers may be then; 0 for any
  double average = 0;     ///< what the running average of parameters keeps of itself per step; 0 for none
  std::uint64_t first_noise = 0;  ///< numbers of the batch before those of this rank, divided by 4

  /// Learning rate of step t = 1, 2, ...: grows in a line over the warm-up, then follows the schedule.
  GLOW_HOST_DEVICE double rate(Index t) const {
    const double scheduled = learning_rate * schedule(t, warmup_steps);
    if (t >= warmup_steps) return scheduled;
    return scheduled * static_cast<double>(t) / static_cast<double>(warmup_steps);
  }
  /// Noise of step t: each has a stream of its own, so that it draws the same whatever came before.
  GLOW_HOST_DEVICE Random noise(Index t) const {
    Random of_step = Random{seed, 1}.fork(static_cast<std::uint64_t>(t));
    of_step.first = first_noise;
    return of_step;
  }
};

/// The scalars of training.
struct StepState {
  Index step = 0;                 ///< steps begun
  Index taken = 0;                ///< of these, those that changed the parameters
  Random noise = {};              ///< of this step's dequantization
  double bits_per_dim = 0;        ///< mean over the batch
  double classifier[2] = {0, 0};  ///< its mean loss in nats, and the share of samples it is right about
  double gradient_norm = 0;       ///< Euclidean norm of all parameters' gradients, before it is cut
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
  const Index t = s.taken + 1;
  s.adam = adam_scale(rule.rate(s.step), t, rule.adam);
  if (rule.clip_norm > 0 && s.gradient_norm > rule.clip_norm)
    s.adam.gradient = rule.clip_norm / s.gradient_norm;
  if (rule.clip_value > 0) s.adam.largest = rule.clip_value;
  // The mean of t numbers whose weights fall by `average` each: without a bias towards where it started.
  s.adam.average = (1 - rule.average) / (1 - std::pow(rule.average, static_cast<double>(t)));
  s.adam.taken = finite;
  s.taken += finite;
}

}  // namespace glow

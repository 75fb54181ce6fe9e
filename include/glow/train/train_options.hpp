// The settings of training, and what a step of it tells.
#pragma once

#include <cmath>
#include <cstdint>

#include <glow/core/error.hpp>
#include <glow/layers/kept.hpp>
#include <glow/ops/adam_rule.hpp>
#include <glow/ops/schedule.hpp>
#include <glow/ranks/compression.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Settings of training.
struct TrainOptions {
  double learning_rate = 1e-3;  ///< after the warm-up
  Index warmup_steps = 0;       ///< steps in which the rate grows linearly to learning_rate
  std::uint64_t seed = 0;       ///< of the noise of dequantization
  Index bad_steps_limit =
      5;  ///< steps in a row without a finite loss and gradient after which training stops
  AdamOptions adam = {};
  Schedule schedule = {};  ///< of the learning rate, after the warm-up
  double clip_norm = 0;    ///< the gradient is scaled down to this norm where it has more; 0: never
  double clip_value = 0;   ///< then its numbers are cut to at most this; 0: never
  double average = 0;      ///< see Trainer::use_average: a share of 0.999, say; 0: no average
  /// Parts of a batch, which are taken one after another so that less memory is needed. Ranks share them; 1
  /// means one part for each rank. If the number of parts is a power of two and divides the batch, any number
  /// of ranks that divides it has the same bits.
  Index parts = 1;
  Compression compression = Compression::none;  ///< of gradients on the way between ranks
  double classifier_weight = 0.01;  ///< of the classifier's loss beside bits per dimension, with classes
  Activations activations = Activations::automatic;      ///< kept from the forward pass for the backward pass
  std::size_t activation_budget = std::size_t{1} << 30;  ///< bytes that these may take
};

/// What one step of training saw.
struct StepResult {
  Index step;            ///< counts from 1
  double bits_per_dim;   ///< mean over the batch, before the step; of continuous data, of the density
  double gradient_norm;  ///< Euclidean norm of all parameters' gradients
  double learning_rate;  ///< of this step
  bool taken;            ///< false if loss or gradient were not finite: parameters are unchanged
  double nats = 0;  ///< the same loss as -log of a whole sample: of continuous data, the mean of -log p(x)
  double accuracy = 0;  ///< share of the batch that the classifier names rightly; 0 without classes
};

namespace detail {

inline void check_schedule(const Schedule& s, Index warmup) {
  if (s.kind == ScheduleKind::cosine) {
    require(s.steps > warmup, "schedule.steps: ", s.steps, " must be above the ", warmup, " of the warm-up");
    require(s.last >= 0 && s.last <= 1, "schedule.last: ", s.last, " must be 0 to 1");
  }
  if (s.kind == ScheduleKind::step) {
    require(s.every >= 1, "schedule.every: ", s.every, " must be at least 1");
    require(s.factor > 0 && s.factor <= 1, "schedule.factor: ", s.factor, " must be above 0 and at most 1");
  }
}

}  // namespace detail

/// The options as they are. Throws Error, naming the setting and what it may be, for those that no training
/// can have; those of an optimizer are checked by itself. `ranks`: how many train.
inline const TrainOptions& checked(const TrainOptions& options, int ranks = 1) {
  require(options.learning_rate > 0 && std::isfinite(options.learning_rate),
          "learning_rate: ", options.learning_rate, " must be a finite number above 0");
  require(options.warmup_steps >= 0, "warmup_steps: ", options.warmup_steps, " must not be negative");
  require(options.bad_steps_limit >= 1, "bad_steps_limit: ", options.bad_steps_limit, " must be at least 1");
  detail::check_schedule(options.schedule, options.warmup_steps);
  require(options.clip_norm >= 0, "clip_norm: ", options.clip_norm, " must be above 0, or 0 for none");
  require(options.clip_value >= 0, "clip_value: ", options.clip_value, " must be above 0, or 0 for none");
  require(options.average >= 0 && options.average < 1, "average: ", options.average,
          " must be at least 0 and below 1");
  require(options.parts >= 1, "parts: ", options.parts, " must be at least 1");
  require(options.parts == 1 || options.parts % ranks == 0, "parts: ", options.parts,
          " must be 1 or a multiple of the ", ranks, " ranks, which share them");
  return options;
}

}  // namespace glow

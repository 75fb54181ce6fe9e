// AnyTrainer: the training of an AnyModel.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <glow/core/timeline.hpp>
#include <glow/ranks/any_ranks.hpp>
#include <glow/runtime/any_model.hpp>
#include <glow/saved/training_state.hpp>
#include <glow/train/telemetry.hpp>
#include <glow/train/train_options.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// See Trainer and AnyModel::trainer. Verbs on `pixels` [N, H, W, C] are for models of Pixels, and take the
/// labels [N] of a model with classes; those named `..._on` take x in the model's own numbers.
class AnyTrainer {
 public:
  virtual ~AnyTrainer() = default;

  virtual AnyModel& model() = 0;
  const AnyModel& model() const { return const_cast<AnyTrainer*>(this)->model(); }

  /// The data-dependent start, of which `start_images` samples are enough.
  virtual Index start_images() const = 0;
  virtual void start(std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) = 0;
  virtual void start_on(View<const float> x, const Context<float>& context = {}) = 0;

  /// `steps_ahead`: how many steps may be submitted before the first is waited for.
  virtual void submit(std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) = 0;
  virtual StepResult wait() = 0;
  /// Both: one step.
  StepResult step(std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) {
    submit(pixels, labels);
    return wait();
  }
  virtual Index under_way() const = 0;
  virtual Index steps_ahead() const = 0;
  virtual StepResult step_on(View<const float> x, const Context<float>& context = {}) = 0;
  /// Steps done.
  virtual Index steps() const = 0;

  /// All ranks' parameters become those of rank 0.
  virtual void follow_rank_0() = 0;
  /// Where the numbers of a step on these images, which was not taken, ceased to be finite: see
  /// glow::not_finite_in_step, which says it as text. None where all of these images' numbers are finite.
  virtual std::optional<std::string> not_finite_in_step(std::span<const std::uint8_t> pixels,
                                                        std::span<const Index> labels, Index step) = 0;
  /// See glow::submit_recorded.
  virtual void submit_recorded(Timeline& timeline, std::span<const std::uint8_t> pixels,
                               std::span<const Index> labels) = 0;
  /// See glow::measure_telemetry; image n is dequantized with the noise of noise[n].
  virtual Telemetry telemetry(std::span<const std::uint8_t> pixels, std::span<const Random> noise,
                              std::span<const Index> labels) = 0;

  /// See Trainer::use_average; nothing without an average.
  virtual void use_average(bool use) = 0;

  /// All that a file keeps of the model and its training; no step may be under way.
  virtual TrainingState state() const = 0;
  /// Goes on from a state of the same architecture; throws as glow::set_state does.
  virtual void set_state(const TrainingState& state) = 0;
};

inline std::unique_ptr<AnyTrainer> AnyModel::trainer(const TrainOptions& options) {
  return trainer(options, AnyRanks());
}

}  // namespace glow

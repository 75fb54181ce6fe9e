// Judging a model while it is trained: validation, and pictures of samples.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include <glow/runtime/any_trainer.hpp>

#include "run/best_validation.hpp"
#include "run/config.hpp"
#include "run/evolution.hpp"
#include "run/load_images.hpp"
#include "run/metrics.hpp"

namespace glow::app {

/// How many images from `first` on are validated with while a run trains.
Index validation_images(const Dataset& data, Index first);

/// Judges the model of an trainer, by its averaged weights if it has them. All that it is given must outlive
/// it.
class Judge {
 public:
  /// Images from `first` on are for validation, by all ranks; `on_skip` is told of those that cannot be
  /// decoded.
  Judge(AnyRanks ranks, AnyTrainer& trainer, const Config& config, const Dataset& data, Index first,
        const std::filesystem::path& run, Reporter& reporter, OnSkip on_skip);

  /// Goes on after what a run that goes on has in its folder, and `best` from its checkpoint.
  void note_what_is_done(const BestValidation& best);
  /// True if the model of this step has been judged as far as that is due, or as it is in the last step.
  bool judged(bool last) const;
  /// Validates the model of this step and draws its samples, each if it is wanted and was not done, until
  /// `stop()`. True if the validation is the best up to now.
  bool judge(bool validation, bool samples, const std::function<bool()>& stop);
  /// The same as far as it is due in this step.
  bool judge_if_due(const std::function<bool()>& stop);
  bool validation_due() const { return due(config_.validate_every); }

  /// Draws samples of the same latents each time, so that the pictures show how the model changes.
  void draw_samples();
  /// Writes the film of these pictures, if there are new ones.
  void write_film();

  /// The best validation up to now.
  const BestValidation& best() const { return best_; }
  /// False if the likelihood or samples of the last step were not finite.
  bool finite() const { return finite_; }

 private:
  Index steps() const { return trainer_.steps(); }
  bool due(Index every) const { return every > 0 && steps() % every == 0; }
  std::optional<double> validate(const std::function<bool()>& stop);
  void fault(const std::string& what);

  AnyRanks ranks_;
  AnyTrainer& trainer_;
  const Config& config_;
  const Dataset& data_;
  Index first_;
  std::filesystem::path run_;
  Reporter& reporter_;
  OnSkip on_skip_;
  Evolution evolution_;
  BestValidation best_;
  Index validated_ = -1, drawn_ = -1;  // the last step of which this was done
  bool film_is_old_ = false, finite_ = true;
};

}  // namespace glow::app

// One run of training, from its first step or a checkpoint up to its end or until it diverges.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "ranks/orders.hpp"
#include "run/bad_step.hpp"
#include "run/folders.hpp"
#include "run/initial_weights.hpp"
#include "run/judge.hpp"
#include "run/stop_signals.hpp"
#include "run/telemetry_log.hpp"
#include "run/trace.hpp"
#include "run/training_setup.hpp"

namespace glow::app {

/// Thrown where a run diverged and there is a good state to go back to.
class Diverged : public NumericError {
 public:
  using NumericError::NumericError;
};

/// See train and resume in run/training.hpp.
class TrainingRun : private TrainingSetup {
 public:
  /// `folder` is given for a run that goes on from `from`, and made for a new one. `trace`: see train. Of
  /// other ranks each has a follower (run/follower.hpp).
  TrainingRun(Config config, const std::filesystem::path& path, std::optional<RunFolder> folder,
              const Checkpoint* from, Voice voice, Index trace, const AnyRanks& ranks);

  /// Trains, saves and judges; returns the exit status of the program. Throws Diverged, where it may and
  /// there is a state to go back to.
  int operator()(bool may_go_back);

  /// What a run that diverged goes on with: the last good state, at half the rate.
  struct Return {
    Config config;
    RunFolder folder;
    Checkpoint from;
  };
  Return go_back();

 private:
  using Clock = std::chrono::steady_clock;

  static bool due(Index step, Index every) { return every > 0 && step % every == 0; }
  static bool stopping() { return StopSignals::count() > 0; }
  Index steps() const { return trainer_->steps(); }
  std::filesystem::path checkpoint() const { return checkpoint_path(folder_->path(), steps()); }
  bool out_of_patience() const;
  bool stopping_after_a_step() const { return stopping() && steps() + trainer_->under_way() > 0; }
  bool may_submit() const;
  double epochs() const;
  std::string go_on() const;
  int status() const;

  void train();
  void start(const Batch& first);
  Batch next(Prefetcher& batches);
  void submit(Batch batch);
  void take_result();
  void finish();
  [[noreturn]] void end_with(std::string text);
  void judge_if_due();
  void note(bool is_best);
  void save();
  void save_as(const std::filesystem::path& path);

  // Rank 0 has the others do what it does next.
  void all(Task task, Index argument = 0) {
    if (ranks_.size() > 1) ask(ranks_, task, argument);
  }

  Position position_;
  std::deque<Batch> batches_;  // of the steps under way
  std::optional<StopSignals> signals_;
  std::optional<RunFolder> folder_;
  std::unique_ptr<Reporter> reporter_;
  std::optional<Judge> judge_;
  std::optional<TelemetryLog> telemetry_;
  Trace trace_;
  std::optional<InitialWeights> initial_;
  std::optional<Checkpoint> last_good_;
  Index saved_ = -1;     // the last step of which this was done
  Index bad_steps_ = 0;  // in a row
  bool saving_ = false;
  double waited_ = 0;  // seconds that the last step waited for its images
  Clock::time_point begin_ = Clock::now(), step_begin_ = begin_;
  BadStep bad_step_;
  bool told_ = false;  // why the last step was not taken, or it will be
};

}  // namespace glow::app

// What training reports: metrics.jsonl in the run folder, and lines or a progress line for whoever watches.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>

#include <glow/core/warning.hpp>
#include <glow/train/trainer.hpp>

#include "run/metrics_file.hpp"
#include "run/terminal.hpp"

namespace glow::app {

/// How training talks.
enum class Voice { progress, lines, json, quiet };

/// Numbers of one step.
struct Metrics {
  StepResult step;
  double epoch;
  double images_per_second;
  double seconds;     ///< since the start of the run, earlier parts of a resumed one not counted
  double waited = 0;  ///< seconds that the step waited for images
  std::optional<double> accuracy = {};  ///< of the classifier on the batch, for a model with classes
  std::optional<double> validation_bits_per_dim;
};

/// Writes metrics.jsonl, one line per step, and tells the terminal. What standard output does not take is
/// dropped; it never ends a run. The library's warnings (glow::warn) go through it while it lives, so that
/// they stand on lines of their own; in quiet voice they are dropped.
class Reporter {
 public:
  /// Appends to `file`, after dropping lines of steps above `from_step`, which a resumed run takes anew.
  /// Without a terminal a line is printed at least every `silence`. Throws FileError.
  Reporter(const std::filesystem::path& file, Index from_step, Index steps, Voice voice,
           Terminal terminal = Terminal(), std::chrono::milliseconds silence = std::chrono::seconds(10));
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  /// Writes a line, which is in the file when this returns; throws FileError if it cannot be, as on a full
  /// disk. It is told now, or where `validation_follows`, by validated().
  void step(const Metrics& metrics, bool validation_follows = false);
  /// Adds the validation, if there was one, to the last step's line, and tells that line or, where it was
  /// told already, the validation.
  void validated(std::optional<double> bits_per_dim);
  /// Returns when all lines are on the disk; throws FileError.
  void sync() { file_.sync(); }

  /// A line for people: left out in JSON and quiet voice.
  void say(const std::string& line);
  /// What went wrong, on standard error and in any voice.
  void fault(const std::string& line);

  /// Appends the line of a checkpoint's step that could not be written before, unless it is there.
  void restore(Index step, const std::string& line);
  /// The validation of `step` in bits per dimension, NaN for one that is not finite, if its line is the last
  /// in the file and has one.
  std::optional<double> validation_of(Index step) const;
  /// The line of the last step if it could not be written, else "".
  const std::string& unwritten() const { return unwritten_; }
  /// Why standard output could not be written, as an errno; 0 if it could.
  int output_error() const { return terminal_.error(); }

 private:
  void tell(const Metrics& metrics);
  void print(const std::string& text);
  void end_progress_line();

  MetricsFile file_;
  Index from_step_, steps_;
  Voice voice_;
  Terminal terminal_;
  std::chrono::milliseconds silence_;
  WarningHandler warnings_before_;
  std::optional<Metrics> untold_;
  std::string unwritten_;
  std::mutex mutex_;  // of what follows, and of both streams
  bool on_progress_line_ = false;
  std::chrono::steady_clock::time_point last_line_{};
};

}  // namespace glow::app

// What training reports: metrics.jsonl in the run folder, and lines or a progress line for whoever watches.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>

#include <glow/train/trainer.hpp>

namespace glow::app {

/// How training talks.
enum class Voice { progress, lines, json, quiet };

/// Numbers of one step.
struct Metrics {
  StepResult step;
  double epoch;
  double images_per_second;
  double seconds;  ///< since the start of the run, earlier parts of a resumed one not counted
  std::optional<double> validation_bits_per_dim;
};

/// Writes metrics.jsonl, one line a step, and tells the terminal.
class Reporter {
 public:
  /// Appends to `file`, after dropping lines of steps above `from_step`, which a resumed run takes anew.
  /// Throws FileError.
  Reporter(const std::filesystem::path& file, Index from_step, Index steps, Voice voice);

  /// Writes a line, which is in the file when this returns; throws FileError if it cannot be, as on a full
  /// disk.
  void step(const Metrics& metrics);
  /// A line for people: left out in JSON and quiet voice.
  void say(const std::string& line);

 private:
  void check() const;
  void end_progress_line();

  std::filesystem::path path_;
  std::ofstream file_;
  Index from_step_, steps_;
  Voice voice_;
  bool on_progress_line_ = false;
  std::chrono::steady_clock::time_point last_line_{};
};

}  // namespace glow::app

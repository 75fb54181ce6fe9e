// telemetry.jsonl: a line of JSON on what happens inside the model, every so many steps.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <glow/runtime/any_trainer.hpp>

#include "run/config.hpp"
#include "run/load_images.hpp"
#include "run/metrics_file.hpp"

namespace glow::app {

/// The lines of a run, see glow::measure_telemetry. They are measured with the weights that are trained, not
/// their average, on the first images that are not trained on, always with the same noise. All that it is
/// given must outlive it.
class TelemetryLog {
 public:
  /// Images from `first` on are for validation. Drops the lines of steps that the trainer has not done yet.
  /// Throws FileError.
  TelemetryLog(AnyTrainer& trainer, const Config& config, const Dataset& data, Index first,
               const std::filesystem::path& run);

  /// True if a line is due after `step` steps.
  bool due(Index step) const { return config_.telemetry_every > 0 && step % config_.telemetry_every == 0; }
  /// Writes the line of this step if it is due; it is in the file when this returns. No step may be under
  /// way. Throws FileError if it cannot be written, and if no image can be decoded.
  void take_if_due();
  /// Returns when all lines are on the disk; throws FileError.
  void sync();

  /// Images that are measured on at most; and as few as training has at a time.
  static constexpr Index most_images = 32;

 private:
  void load();

  AnyTrainer& trainer_;
  const Config& config_;
  const Dataset& data_;
  Index first_;
  std::optional<MetricsFile> file_;  // none where there are no lines and will be none
  LoadedImages images_;
  std::vector<Random> noise_;  // [images]
};

}  // namespace glow::app

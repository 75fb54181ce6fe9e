// trace.json: the timeline of a few steps of training.
#pragma once

#include <filesystem>

#include <glow/core/index.hpp>
#include <glow/core/timeline.hpp>

namespace glow::app {

/// Says which steps of a command are recorded, and writes them when they are done.
class Trace {
 public:
  /// Of `steps` steps after the first two, which still grow memory and caches; 0 for none.
  Trace(Index steps, std::filesystem::path file) : steps_(steps), file_(std::move(file)) {}

  /// Whether the next step is recorded.
  bool records_next() const { return begun_ >= not_recorded && begun_ < not_recorded + steps_; }
  /// Where it is; null where it is not.
  Timeline* timeline() { return records_next() ? &timeline_ : nullptr; }
  /// The next step was submitted. True if it was the last to be recorded, and the file is written; throws
  /// FileError if it cannot be.
  bool step_submitted();
  /// There will be no further step: warns of those that are missing in the file, if it was not written.
  void finish();

  const std::filesystem::path& file() const { return file_; }

 private:
  static constexpr Index not_recorded = 2;

  Index steps_, begun_ = 0;
  std::filesystem::path file_;
  Timeline timeline_;
};

}  // namespace glow::app

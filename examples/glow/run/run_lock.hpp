// One process at a time trains in a run folder.
#pragma once

#include <filesystem>

namespace glow::app {

/// Holds a run folder for this process, by flock on a file in it. The system lets go when the process ends,
/// however that comes about, so a file that was left behind is in nobody's way.
class RunLock {
 public:
  /// Name of the file in the run folder.
  static constexpr const char* name = ".lock";

  /// Throws FileError, naming the process, where another one trains in `run`, or if the file cannot be made.
  explicit RunLock(const std::filesystem::path& run);
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  ~RunLock();

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace glow::app

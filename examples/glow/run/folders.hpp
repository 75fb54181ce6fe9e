// Folders that runs and pictures are written to.
#pragma once

#include <filesystem>
#include <memory>

#include "run/run_lock.hpp"

namespace glow::app {

/// Makes a folder and those above it; throws FileError with the path and the reason if it cannot be made.
void make_folder(const std::filesystem::path& folder);

/// The folder of a run that is being trained, locked for this process.
class RunFolder {
 public:
  /// The folder of a new run. A folder that is there already must be empty, or that of a run that never saved
  /// a checkpoint, which is removed from it. Throws FileError otherwise, where another process trains in it,
  /// and if it cannot be made.
  static RunFolder make(const std::filesystem::path& run);
  /// The folder of a run that goes on; what killed processes have left half-written is removed. Throws
  /// FileError where there is none, or another process trains in it.
  static RunFolder open(const std::filesystem::path& run);
  /// A new run that came to nothing, see keep(), leaves nothing behind.
  RunFolder(RunFolder&&) = default;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }
  /// From now on the folder stays, whatever happens.
  void keep() { came_to_something_ = true; }

 private:
  RunFolder(const std::filesystem::path& run, bool made, bool is_new)
      : path_(run), made_(made), came_to_something_(!is_new), lock_(std::make_unique<RunLock>(run)) {}

  std::filesystem::path path_;
  bool made_, came_to_something_;
  std::unique_ptr<RunLock> lock_;  // none after a move
};

/// The folder for pictures of a checkpoint, made if need be: `out` if it is given, else the checkpoint's run,
/// or where it lies in no run, the folder that it lies in.
std::filesystem::path picture_folder(const std::filesystem::path& checkpoint, const std::string& out);

}  // namespace glow::app

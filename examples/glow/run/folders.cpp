#include "run/folders.hpp"

#include <glow/core/error.hpp>

namespace glow::app {

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  require<FileError>(!error, "cannot make the folder '", folder.string(), "': ", error.message());
}

void make_run_folder(const std::filesystem::path& run) {
  std::error_code error;
  const bool there = std::filesystem::exists(run, error) &&
                     !(std::filesystem::is_directory(run, error) && std::filesystem::is_empty(run, error));
  require<FileError>(!there, "'", run.string(),
                     "' is there already; choose another --out, or go on with --resume ", run.string());
  make_folder(run);
}

std::filesystem::path picture_folder(const std::filesystem::path& checkpoint, const std::string& out) {
  std::filesystem::path folder = out;
  if (out.empty()) {
    folder = checkpoint.has_parent_path() ? checkpoint.parent_path() : ".";
    const auto whole = std::filesystem::absolute(checkpoint).lexically_normal();
    if (whole.parent_path().filename() == "checkpoints") folder = (folder / "..").lexically_normal();
  }
  make_folder(folder);
  return folder;
}

}  // namespace glow::app

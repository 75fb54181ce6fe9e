// Folders that runs and pictures are written to.
#pragma once

#include <filesystem>

namespace glow::app {

/// Makes a folder and those above it; throws FileError with the path and the reason if it cannot be made.
void make_folder(const std::filesystem::path& folder);

/// Makes the folder of a new run. Throws FileError if it cannot be made, or is there already and not empty.
void make_run_folder(const std::filesystem::path& run);

/// The folder for pictures of a checkpoint, made if need be: `out` if it is given, else the checkpoint's run,
/// or where it lies in no run, the folder that it lies in.
std::filesystem::path picture_folder(const std::filesystem::path& checkpoint, const std::string& out);

}  // namespace glow::app

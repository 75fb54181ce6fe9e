// The picture files below a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace glow::app {

/// What find_picture_files() found.
struct PictureFiles {
  std::vector<std::filesystem::path> files;  ///< in the order of their paths
  std::string left_out;  ///< what else is there, counted by reason; "" if there is nothing
};

/// All files named *.jpg, *.jpeg or *.png, in any case, in `folder` and its subfolders. Links are followed;
/// a folder that several names lead to is read once, which ends loops. Hidden files and folders (.*) are left
/// out. Throws FileError if a folder cannot be listed.
PictureFiles find_picture_files(const std::filesystem::path& folder);

}  // namespace glow::app

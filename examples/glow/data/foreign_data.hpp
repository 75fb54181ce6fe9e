// Data in forms that are known but not read.
#pragma once

#include <filesystem>
#include <string>

namespace glow::app {

/// What a folder without pictures holds if it is a known form of CIFAR that is not read as it is, and what to
/// do: "; ...". "" for any other folder.
std::string foreign_data_hint(const std::filesystem::path& folder);

}  // namespace glow::app

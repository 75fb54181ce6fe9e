// Data in forms that are known but not read, and data that are not there.
#pragma once

#include <filesystem>
#include <string>

namespace glow::app {

/// What a folder without pictures holds if it is a known form of CIFAR that is not read as it is, and what to
/// do: "; ...". "" for any other folder.
std::string foreign_data_hint(const std::filesystem::path& folder);

/// What to do where there is nothing at the place that --data names: which package brings it, or what else to
/// give.
std::string absent_data_hint(const std::string& data);

}  // namespace glow::app

// Files and folders in tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <glow/io/atomic_file.hpp>

namespace glow::test {

/// The bytes of a file as text.
inline std::string text_of(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// Names of what is in a folder, sorted.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace glow::test

// A table of numbers from a file: .csv or .npy.
#pragma once

#include <glow/data/csv.hpp>
#include <glow/data/npy.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The table in a .csv or .npy file, by its name's end. Throws FileError as read_csv and read_npy do, and for
/// a file of another name.
inline Table read_table(const std::filesystem::path& path) {
  const std::string end = path.extension().string(), name = path.string();
  require<FileError>(end == ".csv" || end == ".npy", "'", name, "' ends in neither .csv nor .npy");
  const std::vector<std::byte> bytes = read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return end == ".csv" ? read_csv(text, name) : read_npy(text, name);
}

}  // namespace glow

// CIFAR-10 in its binary form: records of one label byte and 3072 pixel bytes, plane by plane (red, green,
// blue), 32 x 32. Format: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
#pragma once

#include <filesystem>

#include <glow/data/dataset.hpp>
#include <glow/io/atomic_file.hpp>

namespace glow {

/// Images of a .bin file, or of all data_batch_*.bin of a folder in the order of their names, as [32, 32, 3].
/// Throws FileError for a missing or cut file, or a folder without batches.
inline MemoryDataset read_cifar10(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files{path};
  if (std::filesystem::is_directory(path)) {
    files.clear();
    std::error_code error;
    const std::filesystem::directory_iterator entries(path, error);
    require<FileError>(!error, "cannot list the folder '", path.string(), "': ", error.message());
    for (const auto& entry : entries) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("data_batch_") && name.ends_with(".bin")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    require<FileError>(!files.empty(), "'", path.string(),
                       "': no data_batch_*.bin of CIFAR-10 in this folder");
  }
  constexpr std::size_t side = 32, plane = side * side, record = 1 + 3 * plane;
  std::vector<std::uint8_t> pixels;
  for (const auto& file : files) {
    const std::vector<std::byte> bytes = read_file(file);
    require<FileError>(!bytes.empty() && bytes.size() % record == 0, "'", file.string(), "': ", bytes.size(),
                       " bytes are no whole number of CIFAR-10 records of ", record);
    pixels.reserve(pixels.size() + bytes.size() / record * 3 * plane);
    for (std::size_t at = 0; at < bytes.size(); at += record) {
      const auto label = static_cast<int>(bytes[at]);
      require<FileError>(label < 10, "'", file.string(), "': label ", label, " at byte ", at,
                         " is not 0 to 9");
      for (std::size_t p = 0; p < plane; ++p) {
        for (std::size_t c = 0; c < 3; ++c)
          pixels.push_back(static_cast<std::uint8_t>(bytes[at + 1 + c * plane + p]));
      }
    }
  }
  return MemoryDataset({side, side, 3}, std::move(pixels));
}

}  // namespace glow

// CIFAR-10 in its binary form: records of one label byte and 3072 pixel bytes, plane by plane (red, green,
// blue), 32 x 32. Format: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string_view>

#include <glow/data/dataset.hpp>
#include <glow/io/atomic_file.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

constexpr std::size_t cifar10_side = 32, cifar10_plane = cifar10_side * cifar10_side;
constexpr std::size_t cifar10_record = 1 + 3 * cifar10_plane;

// What a file that is no CIFAR-10 may be, and what to do.
inline std::string cifar10_lookalike(std::span<const std::uint8_t> file) {
  if (file.size() >= 4 && file[0] == 0 && file[1] == 0 && file[2] == 8 && (file[3] == 3 || file[3] == 4))
    return "; it starts as an IDX file does: rename it without .bin";
  if (!file.empty() && file.size() % (cifar10_record + 1) == 0)
    return "; they are records of CIFAR-100, which is not read";
  return "";
}

// Adds the images of a file to `pixels`.
inline void append_cifar10(std::span<const std::uint8_t> file, const std::string& name,
                           std::vector<std::uint8_t>& pixels) {
  require<FileError>(!file.empty() && file.size() % cifar10_record == 0, "'", name, "': ", file.size(),
                     " bytes are not a whole number of CIFAR-10 records of ", cifar10_record,
                     cifar10_lookalike(file));
  pixels.reserve(pixels.size() + file.size() / cifar10_record * 3 * cifar10_plane);
  for (std::size_t at = 0; at < file.size(); at += cifar10_record) {
    const int label = file[at];
    require<FileError>(label < 10, "'", name, "': label ", label, " at byte ", at, " is not 0 to 9",
                       cifar10_lookalike(file));
    for (std::size_t p = 0; p < cifar10_plane; ++p) {
      for (std::size_t c = 0; c < 3; ++c) pixels.push_back(file[at + 1 + c * cifar10_plane + p]);
    }
  }
}

// The file itself, or the batches of a folder.
inline std::vector<std::filesystem::path> cifar10_files(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  std::error_code error;
  const std::filesystem::directory_iterator entries(path, error);
  require<FileError>(!error, "cannot list the folder '", path.string(), "': ", error.message());
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("data_batch_") && name.ends_with(".bin")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  require<FileError>(!files.empty(), "'", path.string(), "': no data_batch_*.bin of CIFAR-10 in this folder");
  return files;
}

inline MemoryDataset cifar10_images(std::vector<std::uint8_t> pixels) {
  return MemoryDataset({cifar10_side, cifar10_side, 3}, std::move(pixels));
}

}  // namespace detail

/// Images of a file in memory, as [32, 32, 3]; `name` is for messages. Throws FileError if it is cut short or
/// of another kind.
inline MemoryDataset read_cifar10(std::span<const std::uint8_t> file, const std::string& name) {
  std::vector<std::uint8_t> pixels;
  detail::append_cifar10(file, name, pixels);
  return detail::cifar10_images(std::move(pixels));
}

/// Images of a .bin file, or of all data_batch_*.bin of a folder in the order of their names, as [32, 32, 3].
/// Throws FileError for a missing or cut file, or a folder without batches.
inline MemoryDataset read_cifar10(const std::filesystem::path& path) {
  std::vector<std::uint8_t> pixels;
  for (const auto& file : detail::cifar10_files(path)) {
    const std::vector<std::byte> bytes = read_file(file);
    detail::append_cifar10({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, file.string(),
                           pixels);
  }
  return detail::cifar10_images(std::move(pixels));
}

/// The classes that the labels 0 to 9 stand for.
inline constexpr std::array<std::string_view, 10> cifar10_classes{
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};

/// Labels 0 to 9 of the images that read_cifar10 gives, in their order. Throws as it does for the files.
inline std::vector<Index> read_cifar10_labels(const std::filesystem::path& path) {
  std::vector<Index> labels;
  for (const auto& file : detail::cifar10_files(path)) {
    const std::vector<std::byte> bytes = read_file(file);
    for (std::size_t at = 0; at < bytes.size(); at += detail::cifar10_record)
      labels.push_back(static_cast<Index>(bytes[at]));
  }
  return labels;
}

}  // namespace glow

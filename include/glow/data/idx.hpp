// IDX files of images and labels, as MNIST's: a big-endian magic number 0 0 8 rank, the extents, the bytes.
// Format: Y. LeCun, C. Cortes, C. Burges, The MNIST Database of Handwritten Digits.
#pragma once

#include <filesystem>
#include <span>

#include <glow/data/dataset.hpp>
#include <glow/io/atomic_file.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Images of an IDX file in memory, [N, H, W] or [N, H, W, C] of unsigned bytes, C 1 or 3; `name` is for
/// messages. Throws FileError if it is of another kind, cut short or too long.
inline MemoryDataset read_idx_images(std::span<const std::uint8_t> file, const std::string& name) {
  require<FileError>(file.size() >= 4, "'", name, "' is not an IDX file: it has ", file.size(),
                     " bytes, and an IDX file starts with 4");
  const int rank = file[3];
  require<FileError>(file[0] == 0 && file[1] == 0, "'", name, "' is not an IDX file: it starts with bytes ",
                     int{file[0]}, " ", int{file[1]}, ", not 0 0");
  require<FileError>(file[2] == 8, "'", name, "': IDX type ", int{file[2]}, " is not 8, unsigned bytes");
  require<FileError>(rank == 3 || rank == 4, "'", name, "': IDX rank ", rank,
                     " is neither 3 (images) nor 4 (images with channels); a labels file has rank 1");
  const std::size_t header = 4 + 4 * static_cast<std::size_t>(rank);
  require<FileError>(file.size() >= header, "'", name, "': cut short within its header of ", header,
                     " bytes");
  std::uint64_t extents[4] = {0, 0, 0, 1}, total = 1;
  for (int i = 0; i < rank; ++i) {
    std::uint64_t e = 0;
    for (int b = 0; b < 4; ++b)
      e = e << 8 | file[4 + 4 * static_cast<std::size_t>(i) + static_cast<std::size_t>(b)];
    extents[i] = e;
    require<FileError>(e > 0 && total <= (std::uint64_t{1} << 48) / e, "'", name, "': absurd extent ", e,
                       " of axis ", i);
    total *= e;
  }
  require<FileError>(extents[3] == 1 || extents[3] == 3, "'", name, "': images of ", extents[1], "x",
                     extents[2], " with ", extents[3],
                     " channels; the last extent of four must be 1 (grey) or 3 (red, green, blue)");
  require<FileError>(file.size() - header == total, "'", name, "': ", extents[0], " images of ", extents[1],
                     "x", extents[2], "x", extents[3], " need ", total, " bytes of pixels, but there are ",
                     file.size() - header);
  return MemoryDataset(
      {static_cast<Index>(extents[1]), static_cast<Index>(extents[2]), static_cast<Index>(extents[3])},
      {file.begin() + static_cast<std::ptrdiff_t>(header), file.end()});
}

/// True if a file begins as an IDX file of labels does.
inline bool holds_idx_labels(std::span<const std::uint8_t> file) {
  return file.size() >= 4 && file[0] == 0 && file[1] == 0 && file[2] == 8 && file[3] == 1;
}

/// Labels of an IDX file in memory, [N] of unsigned bytes; `name` is for messages. Throws FileError if it is
/// of another kind, cut short, too long or empty.
inline std::span<const std::uint8_t> read_idx_labels(std::span<const std::uint8_t> file,
                                                     const std::string& name) {
  require<FileError>(holds_idx_labels(file), "'", name,
                     "' is not an IDX file of labels, which begins with bytes 0 0 8 1");
  require<FileError>(file.size() >= 8, "'", name, "': cut short within its header of 8 bytes");
  std::size_t count = 0;
  for (std::size_t b = 4; b < 8; ++b) count = count << 8 | file[b];
  const auto labels = file.subspan(8);
  require<FileError>(count > 0 && labels.size() == count, "'", name, "': ", count,
                     " labels need as many bytes, but there are ", labels.size());
  return labels;
}

/// The same of images in a file on disk.
inline MemoryDataset read_idx_images(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return read_idx_images(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()),
                         path.string());
}

}  // namespace glow

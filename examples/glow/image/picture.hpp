// Pictures in memory, and as files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include <glow/core/shape.hpp>

namespace glow::app {

/// An 8-bit image [height, width, channels], channels 1 (grey) or 3 (red, green, blue).
struct Picture {
  Index height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels;

  /// True if it has pixels, 1 or 3 channels, and as many bytes as its extents say.
  bool whole() const {
    return height >= 1 && width >= 1 && (channels == 1 || channels == 3) &&
           static_cast<Index>(pixels.size()) == height * width * channels;
  }
};

/// Bytes that the rows of a picture may have in a PNG file, with one more byte for each row: the encoder
/// counts in 32 bits and may need half as much again.
inline constexpr Index most_png_bytes = Index{1} << 30;

/// Writes a PNG file atomically. Throws FileError if it cannot be written, or if the picture has more than
/// `most_png_bytes`.
void write_png(const std::filesystem::path& path, const Picture& picture);

/// Writes an endlessly looping GIF of the pictures frame(0) ... frame(count - 1), `hundredths` of a second
/// each, atomically. They are asked for one after the other, and one at a time is in memory. Empty ones
/// (height 0) are left out; the others must have the size and channels of the first. Grey pictures and those
/// of up to 256 colours keep their pixels; others get a palette of their own colours each. Throws FileError.
void write_gif(const std::filesystem::path& path, Index count, const std::function<Picture(Index)>& frame,
               int hundredths);
/// The same of pictures that are in memory.
inline void write_gif(const std::filesystem::path& path, std::span<const Picture> frames, int hundredths) {
  write_gif(
      path, static_cast<Index>(frames.size()),
      [frames](Index i) { return frames[static_cast<std::size_t>(i)]; }, hundredths);
}

}  // namespace glow::app
